//! What is in an ELF of a 32-bit processor: sections, symbols, and how much stack the compiler says that a function takes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A linked image.
pub(crate) struct Elf {
    bytes: Vec<u8>,
    sections: Vec<Section>,
}

struct Section {
    name: u32,
    kind: u32,
    flags: u32,
    offset: u32,
    size: u32,
    link: u32,
}

/// A function.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) address: u32,
}

/// Sizes of an image's parts in bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sizes {
    /// Instructions.
    pub(crate) text: u32,
    /// Constants.
    pub(crate) constants: u32,
    /// Variables that begin with a value, which lies in flash as well.
    pub(crate) data: u32,
    /// Variables that begin as zeros.
    pub(crate) zeros: u32,
}

impl Sizes {
    /// What it takes more than `other`.
    pub(crate) fn without(self, other: Self) -> Self {
        Self {
            text: self.text.saturating_sub(other.text),
            constants: self.constants.saturating_sub(other.constants),
            data: self.data.saturating_sub(other.data),
            zeros: self.zeros.saturating_sub(other.zeros),
        }
    }
}

const SYMBOLS: u32 = 2;
const NO_BITS: u32 = 8;
const WRITES: u32 = 1;
const IS_LOADED: u32 = 2;
const IS_CODE: u32 = 4;
const FUNCTION: u8 = 2;

impl Elf {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut elf = Self { bytes, sections: Vec::new() };
        elf.sections = elf.read_sections().ok_or_else(|| format!("{} is not an ELF of 32 bits", path.display()))?;
        Ok(elf)
    }

    fn read_sections(&self) -> Option<Vec<Section>> {
        if self.bytes.get(..6)? != b"\x7fELF\x01\x01" {
            return None;
        }
        let (table, length, count) = (self.word(0x20)?, u32::from(self.half(0x2e)?), u32::from(self.half(0x30)?));
        let section = |index| {
            let at = table + index * length;
            let field = |number: u32| self.word(at + 4 * number);
            Some(Section { name: field(0)?, kind: field(1)?, flags: field(2)?, offset: field(4)?, size: field(5)?, link: field(6)? })
        };
        (0..count).map(section).collect()
    }

    fn word(&self, at: u32) -> Option<u32> {
        let bytes = self.bytes.get(at as usize..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    fn half(&self, at: u32) -> Option<u16> {
        let bytes = self.bytes.get(at as usize..)?.first_chunk()?;
        Some(u16::from_le_bytes(*bytes))
    }

    fn text(&self, at: u32) -> String {
        let bytes = self.bytes.get(at as usize..).unwrap_or_default();
        String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
    }

    fn section_name(&self, section: &Section) -> String {
        let names = self.half(0x32).and_then(|index| self.sections.get(usize::from(index)));
        names.map(|names| self.text(names.offset + section.name)).unwrap_or_default()
    }

    pub(crate) fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::default();
        for section in self.sections.iter().filter(|section| section.flags & IS_LOADED != 0) {
            let is_zero = section.kind == NO_BITS || self.section_name(section).starts_with(".uninit");
            let field = match (section.flags & IS_CODE != 0, section.flags & WRITES != 0, is_zero) {
                (true, ..) => &mut sizes.text,
                (_, false, _) => &mut sizes.constants,
                (_, true, false) => &mut sizes.data,
                (_, true, true) => &mut sizes.zeros,
            };
            *field += section.size;
        }
        sizes
    }

    /// Every name in the image.
    pub(crate) fn names(&self) -> Vec<String> {
        self.symbols().into_iter().map(|(function, _)| function.name).collect()
    }

    /// The functions, by address.
    pub(crate) fn functions(&self) -> BTreeMap<u32, Function> {
        let symbols = self.symbols().into_iter().filter(|(_, kind)| *kind == FUNCTION);
        symbols.map(|(function, _)| (function.address, function)).collect()
    }

    fn symbols(&self) -> Vec<(Function, u8)> {
        let mut symbols = Vec::new();
        for table in self.sections.iter().filter(|section| section.kind == SYMBOLS) {
            let Some(names) = self.sections.get(table.link as usize) else { continue };
            for at in (table.offset..table.offset + table.size).step_by(16) {
                let (Some(name), Some(value), Some(info)) = (self.word(at), self.word(at + 4), self.bytes.get(at as usize + 12)) else {
                    continue;
                };
                // On ARM the lowest bit says that the instructions are Thumb's.
                let address = value & !1;
                symbols.push((Function { name: self.text(names.offset + name), address }, info & 15));
            }
        }
        symbols
    }

    /// Bytes of stack by the function's address, where the compiler has said it (`-Zemit-stack-sizes`).
    pub(crate) fn frames(&self) -> BTreeMap<u32, u32> {
        let mut frames = BTreeMap::new();
        for section in self.sections.iter().filter(|section| self.section_name(section) == ".stack_sizes") {
            let (mut at, end) = (section.offset, section.offset + section.size);
            while at < end {
                let Some(address) = self.word(at) else { break };
                at += 4;
                let (mut size, mut shift) = (0, 0);
                while let Some(byte) = self.bytes.get(at as usize) {
                    at += 1;
                    size |= u32::from(byte & 0x7f) << shift;
                    shift += 7;
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
                frames.insert(address & !1, size);
            }
        }
        frames
    }
}
