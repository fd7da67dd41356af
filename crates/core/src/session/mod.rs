//! Session files: a network, every command with its step, and, if wanted, the complete state to go on from.
//!
//! Replaying a session gives the same spikes bit for bit; going on from its state gives what the uninterrupted run would have given.
//! A file is a header (what it is, which format, how long, a checksum) and two parts: the session, which every later version reads, and the
//! state, which belongs to one layout of the engine.

mod entry;

use crate::preset;
use crate::protocol::{Record, State};
use entry::Entry;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// First bytes of every session file.
const MAGIC: &[u8; 8] = b"SPKGSESS";
/// Format of the header and of the session part.
pub const FORMAT: u32 = 1;
/// Magic, format, checksum, lengths of the two parts.
const HEADER: usize = 8 + 4 + 4 + 8 + 8;

/// The session part, as written.
#[derive(Serialize, Deserialize)]
struct Body {
    /// Version of the program that wrote it.
    program: String,
    origin: String,
    log: Vec<(u64, Entry)>,
    step: u64,
    n_spikes: u64,
    spike_hash: u64,
    /// Layout of the state, and the network with the parameters in force.
    state: Option<(u32, String)>,
}

/// The file of `record`.
pub fn encode(record: &Record) -> Vec<u8> {
    let Record { origin, log, step, n_spikes, spike_hash, state } = record;
    // The network in force at each command gives the keys of its parameters.
    let mut spec = origin;
    let mut entries = Vec::with_capacity(log.len());
    for (at, command) in log {
        entries.extend(Entry::of(command, spec).map(|e| (*at, e)));
        if let crate::protocol::Command::Load { spec: next, .. } = command {
            spec = next;
        }
    }
    let body = Body {
        program: env!("CARGO_PKG_VERSION").into(),
        origin: preset::write(origin),
        log: entries,
        step: *step,
        n_spikes: *n_spikes,
        spike_hash: *spike_hash,
        state: state.as_ref().map(|s| (s.layout, preset::write(&s.spec))),
    };
    let body = postcard::to_allocvec(&body).expect("plain data");
    let state = state.as_ref().map_or(&[][..], |s| &s.bytes);
    let mut out = Vec::with_capacity(HEADER + body.len() + state.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&checksum(&body, state).to_le_bytes());
    out.extend_from_slice(&(body.len() as u64).to_le_bytes());
    out.extend_from_slice(&(state.len() as u64).to_le_bytes());
    out.extend_from_slice(&body);
    out.extend_from_slice(state);
    out
}

/// The session in `bytes`, or why there is none and what to do.
pub fn decode(bytes: &[u8]) -> Result<Record, String> {
    if bytes.len() < MAGIC.len() || bytes[..MAGIC.len()] != *MAGIC {
        return Err("this is no session file; sessions are made by `spikeground run --checkpoint` or File › Save session".into());
    }
    let word = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let long = |at: usize| Some(u64::from(word(at)?) | u64::from(word(at + 4)?) << 32);
    let cut = || format!("the file ends too early ({} bytes are there); copy or save it again", bytes.len());
    let format = word(8).ok_or_else(cut)?;
    if format == 0 || format > FORMAT {
        return Err(format!("it has format {format}, this program reads format {FORMAT}; use a newer Spikeground"));
    }
    let (sum, body, state) = (word(12).ok_or_else(cut)?, long(16).ok_or_else(cut)?, long(24).ok_or_else(cut)?);
    let rest = &bytes[HEADER..];
    let whole = u128::from(body) + u128::from(state);
    if (rest.len() as u128) < whole {
        return Err(format!(
            "the file ends too early: {} of {} bytes are there; copy or save it again",
            bytes.len(),
            whole + HEADER as u128
        ));
    }
    if rest.len() as u128 > whole {
        return Err(format!("the file has {} bytes too many; copy or save it again", rest.len() as u128 - whole));
    }
    let (body, state) = rest.split_at(body as usize);
    if checksum(body, state) != sum {
        return Err("the file is damaged (its checksum does not fit); copy or save it again".into());
    }
    let body: Body = postcard::from_bytes(body).map_err(|_| "the file is damaged; copy or save it again".to_owned())?;
    record(body, state)
}

fn record(body: Body, state: &[u8]) -> Result<Record, String> {
    let network = |what: &str, text: &str| {
        let first = |problems: Vec<preset::Problem>| problems.first().map_or_else(String::new, ToString::to_string);
        preset::read(text).map(|p| Arc::new(p.spec)).map_err(|p| format!("{what} cannot be read: {}", first(p)))
    };
    let Body { program: _, origin, log, step, n_spikes, spike_hash, state: layout } = body;
    let origin = network("the network it began with", &origin)?;
    let mut spec = Arc::clone(&origin);
    let mut commands = Vec::with_capacity(log.len());
    for (at, entry) in log {
        let command = entry.command(&spec).map_err(|e| format!("the command at step {at} cannot be repeated: {e}"))?;
        if let crate::protocol::Command::Load { spec: next, .. } = &command {
            spec = Arc::clone(next);
        }
        commands.push((at, command));
    }
    let state = match layout {
        Some((layout, text)) => Some(State { spec: network("the network it stands at", &text)?, layout, bytes: Arc::new(state.to_vec()) }),
        None => None,
    };
    Ok(Record { origin, log: commands, step, n_spikes, spike_hash, state })
}

fn checksum(body: &[u8], state: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(body);
    hasher.update(state);
    hasher.finalize()
}

/// Whether the file at `path` begins like a session.
pub fn is_session(path: &Path) -> bool {
    use std::io::Read;
    let mut first = [0; 8];
    fs::File::open(path).and_then(|mut f| f.read_exact(&mut first)).is_ok() && first == *MAGIC
}

/// Reads a session file; the text of a failure names the file and what to do.
pub fn load(path: &Path) -> Result<Record, String> {
    let bytes = preset::save::read_file(path)?;
    decode(&bytes).map_err(|why| format!("{}: {why}", path.display()))
}

/// Writes a session file, whole or not at all.
pub fn save(path: &Path, record: &Record) -> Result<(), String> {
    preset::save(path, encode(record))
}
