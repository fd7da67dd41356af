//! NPY and NPZ, the array files of NumPy (format versions 1.0 and 2.0): what is written here `numpy.load` reads, and the other way round.
//!
//! An array is its shape and its numbers in C order. Written are `<f8`, `<f4`, `<i8`, `<u4` and one-line texts (`<U…`); read are all
//! little- and big-endian integers, floats and booleans. NPZ is a ZIP of NPY files, here deflated.

use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Most numbers of one array that is read: more is not what this program works with.
const MAX_LEN: usize = 1 << 31;

/// The numbers of an array, in C order.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    F64(Vec<f64>),
    F32(Vec<f32>),
    I64(Vec<i64>),
    U32(Vec<u32>),
    Text(String),
}

/// An array of any number of dimensions; no dimension: one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Values,
}

/// Named arrays, in order: what an NPZ file holds.
pub type Arrays = Vec<(String, Array)>;

impl Values {
    pub fn len(&self) -> usize {
        match self {
            Self::F64(x) => x.len(),
            Self::F32(x) => x.len(),
            Self::I64(x) => x.len(),
            Self::U32(x) => x.len(),
            Self::Text(_) => 1,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes in a file.
    pub fn bytes(&self) -> usize {
        match self {
            Self::F64(x) => 8 * x.len(),
            Self::F32(x) => 4 * x.len(),
            Self::I64(x) => 8 * x.len(),
            Self::U32(x) => 4 * x.len(),
            Self::Text(x) => 4 * x.chars().count().max(1),
        }
    }
}

macro_rules! one_dimensional {
    ($($kind:ident($number:ty);)*) => {
        $(impl From<Vec<$number>> for Array {
            fn from(x: Vec<$number>) -> Self {
                Self { shape: vec![x.len()], values: Values::$kind(x) }
            }
        })*
    };
}
one_dimensional! { F64(f64); F32(f32); I64(i64); U32(u32); }

impl From<f64> for Array {
    fn from(x: f64) -> Self {
        Self { shape: Vec::new(), values: Values::F64(vec![x]) }
    }
}

impl From<&str> for Array {
    fn from(x: &str) -> Self {
        Self { shape: Vec::new(), values: Values::Text(x.to_owned()) }
    }
}

impl Array {
    /// A matrix from its rows one after the other.
    pub fn matrix(rows: usize, values: Vec<f64>) -> Self {
        let columns = values.len().checked_div(rows).unwrap_or(0);
        Self { shape: vec![rows, columns], values: Values::F64(values) }
    }

    /// All numbers as f64; none for a text.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        Some(match &self.values {
            Values::F64(x) => x.clone(),
            Values::F32(x) => x.iter().map(|x| f64::from(*x)).collect(),
            Values::I64(x) => x.iter().map(|x| *x as f64).collect(),
            Values::U32(x) => x.iter().map(|x| f64::from(*x)).collect(),
            Values::Text(_) => return None,
        })
    }

    /// The array as the bytes of an NPY file.
    pub fn npy(&self) -> Vec<u8> {
        let kind = match &self.values {
            Values::F64(_) => "<f8".to_owned(),
            Values::F32(_) => "<f4".to_owned(),
            Values::I64(_) => "<i8".to_owned(),
            Values::U32(_) => "<u4".to_owned(),
            Values::Text(x) => format!("<U{}", x.chars().count().max(1)),
        };
        let sides: String = self.shape.iter().map(|n| format!("{n},")).collect();
        let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sides}), }}");
        // The numbers start at a multiple of 64 bytes.
        let padding = 63 - (MAGIC.len() + 4 + header.len()) % 64;
        header.extend(std::iter::repeat_n(' ', padding));
        header.push('\n');
        let mut out = Vec::with_capacity(header.len() + 10 + self.values.bytes());
        out.extend(MAGIC);
        out.extend([1, 0]);
        out.extend((header.len() as u16).to_le_bytes());
        out.extend(header.as_bytes());
        match &self.values {
            Values::F64(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Values::F32(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Values::I64(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Values::U32(x) => x.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Values::Text(x) if x.is_empty() => out.extend([0; 4]),
            Values::Text(x) => x.chars().for_each(|c| out.extend(u32::from(c).to_le_bytes())),
        }
        out
    }

    /// The array of an NPY file; the error says what is wrong and what would be right.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let broken = |what: &str| format!("this is no array file that can be read: {what}; save it with numpy.save or numpy.savez");
        if bytes.len() < 10 || &bytes[..6] != MAGIC {
            return Err(broken("it does not start with \\x93NUMPY"));
        }
        let (length, start) = match bytes[6] {
            1 => (usize::from(u16::from_le_bytes([bytes[8], bytes[9]])), 10),
            2 | 3 if bytes.len() >= 12 => (u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) as usize, 12),
            v => return Err(broken(&format!("version {v} is not known"))),
        };
        let header = bytes.get(start..start + length).ok_or_else(|| broken("its header is cut off"))?;
        let header = String::from_utf8_lossy(header).into_owned();
        let kind = quoted(&header, "'descr'").ok_or_else(|| broken("it has no 'descr' of a plain number type"))?;
        if header.contains("'fortran_order': True") {
            return Err(broken("it is in Fortran order (save numpy.ascontiguousarray of it)"));
        }
        let shape = shape(&header).ok_or_else(|| broken("its shape cannot be read"))?;
        let n = shape.iter().try_fold(1usize, |n, side| n.checked_mul(*side)).filter(|n| *n <= MAX_LEN);
        let n = n.ok_or_else(|| broken("it has too many numbers"))?;
        let values = numbers(&kind, n, &bytes[start + length..]).map_err(|what| broken(&what))?;
        Ok(Self { shape, values })
    }
}

/// The quoted text after `key`.
fn quoted(header: &str, key: &str) -> Option<String> {
    let rest = header.split_once(key)?.1.trim_start().strip_prefix(':')?.trim_start().strip_prefix('\'')?;
    Some(rest.split_once('\'')?.0.to_owned())
}

fn shape(header: &str) -> Option<Vec<usize>> {
    let inside = header.split_once("'shape'")?.1.split_once('(')?.1.split_once(')')?.0;
    inside.split(',').map(str::trim).filter(|s| !s.is_empty()).map(|s| s.parse().ok()).collect()
}

fn numbers(kind: &str, n: usize, bytes: &[u8]) -> Result<Values, String> {
    let (order, class) = kind.split_at(1);
    let big = match order {
        "<" | "|" | "=" => false,
        ">" => true,
        _ => return Err(format!("its type {kind} is no number type")),
    };
    let size: usize = class.get(1..).and_then(|s| s.parse().ok()).ok_or_else(|| format!("its type {kind} is not known"))?;
    let width = if class.starts_with('U') { 4 * size } else { size };
    let data = bytes.get(..n.saturating_mul(width)).ok_or_else(|| format!("it ends before its {n} numbers"))?;
    let item = |i: usize| {
        let mut word = [0u8; 8];
        for (k, byte) in data[i * size..(i + 1) * size].iter().enumerate() {
            word[if big { size - 1 - k } else { k }] = *byte;
        }
        u64::from_le_bytes(word)
    };
    Ok(match class {
        "f8" => Values::F64((0..n).map(|i| f64::from_bits(item(i))).collect()),
        "f4" => Values::F32((0..n).map(|i| f32::from_bits(item(i) as u32)).collect()),
        "i8" | "u8" => Values::I64((0..n).map(|i| item(i) as i64).collect()),
        "i4" => Values::I64((0..n).map(|i| i64::from(item(i) as u32 as i32)).collect()),
        "u4" => Values::U32((0..n).map(|i| item(i) as u32).collect()),
        "i2" => Values::I64((0..n).map(|i| i64::from(item(i) as u16 as i16)).collect()),
        "i1" => Values::I64((0..n).map(|i| i64::from(item(i) as u8 as i8)).collect()),
        "u2" | "u1" | "b1" => Values::U32((0..n).map(|i| item(i) as u32).collect()),
        _ if class.starts_with('U') && n == 1 && !big => {
            let chars = data.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]));
            Values::Text(chars.take_while(|c| *c != 0).filter_map(char::from_u32).collect())
        }
        _ => return Err(format!("its type {kind} is not one of f4, f8, i1 to i8, u1 to u8, b1")),
    })
}

/// The bytes of an NPZ file of these arrays.
pub fn npz(arrays: &[(String, Array)]) -> Result<Vec<u8>, String> {
    let fail = |e: &dyn std::fmt::Display| format!("the array file could not be made: {e}");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        let large = array.values.bytes() > 1 << 31;
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(large);
        writer.start_file(format!("{name}.npy"), options).map_err(|e| fail(&e))?;
        writer.write_all(&array.npy()).map_err(|e| fail(&e))?;
    }
    Ok(writer.finish().map_err(|e| fail(&e))?.into_inner())
}

/// The arrays of an NPZ file.
pub fn read_npz(bytes: &[u8]) -> Result<Arrays, String> {
    let fail = |e: &dyn std::fmt::Display| format!("this is no NPZ file that can be read: {e}; save it with numpy.savez");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| fail(&e))?;
    let mut arrays = Vec::with_capacity(archive.len());
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).map_err(|e| fail(&e))?;
        let name = file.name().map_err(|e| fail(&e))?.trim_end_matches(".npy").to_owned();
        let mut content = Vec::new();
        // A small file may claim to unpack to anything; what is too large is cut and then refused by its length.
        file.by_ref().take(8 * MAX_LEN as u64).read_to_end(&mut content).map_err(|e| fail(&e))?;
        arrays.push((name, Array::read(&content)?));
    }
    Ok(arrays)
}

/// The array called `name`, as f64.
pub fn find(arrays: &[(String, Array)], name: &str) -> Option<Vec<f64>> {
    arrays.iter().find(|a| a.0 == name)?.1.numbers()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_array_reads_back_as_it_was() {
        let arrays: Arrays = vec![
            ("a".into(), vec![1.5, -0.0, f64::MAX].into()),
            ("b".into(), vec![1.25f32; 7].into()),
            ("c".into(), vec![i64::MIN, 3].into()),
            ("d".into(), vec![u32::MAX; 70].into()),
            ("e".into(), 2.5.into()),
            ("f".into(), "pA, µ".into()),
            ("g".into(), Vec::<f64>::new().into()),
            ("h".into(), Array::matrix(2, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
        ];
        let back = read_npz(&npz(&arrays).unwrap()).unwrap();
        assert_eq!(back, arrays);
        assert_eq!(back[7].1.shape, [2, 3]);
    }

    #[test]
    fn the_numbers_start_at_a_multiple_of_64_bytes() {
        for n in [0usize, 1, 9, 10, 12345] {
            let bytes = Array::from(vec![0.0; n]).npy();
            assert_eq!((bytes.len() - 8 * n) % 64, 0);
        }
    }

    #[test]
    fn bytes_that_are_no_array_are_refused_with_a_remedy() {
        let good = Array::from(vec![1.0, 2.0]).npy();
        let cut = &good[..good.len() - 1];
        let huge = String::from_utf8_lossy(&good[..64]).into_owned();
        for bad in [b"".as_slice(), b"nonsense, really", cut, &good[..20], huge.as_bytes()] {
            assert!(Array::read(bad).unwrap_err().contains("numpy.save"), "{bad:?}");
        }
        assert!(read_npz(b"PK nothing").unwrap_err().contains("numpy.savez"));
    }

    #[test]
    fn integers_of_other_widths_and_byte_orders_are_read() {
        let mut bytes = Array::from(vec![0u32]).npy();
        let at = bytes.windows(3).position(|w| w == b"<u4").unwrap();
        bytes[at..at + 3].copy_from_slice(b">i2");
        bytes.truncate(bytes.len() - 4);
        bytes.extend([0xff, 0xfe]);
        assert_eq!(Array::read(&bytes).unwrap().values, Values::I64(vec![-2]));
    }
}
