//! The deepest stack an image can reach: what the compiler says of each function, along the calls that the disassembly shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use super::elf::Elf;

/// What an image's instructions tell.
pub(crate) struct Code {
    functions: BTreeMap<u32, Body>,
    /// Instructions that compute with floating-point registers.
    pub(crate) floats: BTreeSet<String>,
}

#[derive(Default)]
struct Body {
    name: String,
    frame: u32,
    calls: BTreeSet<u32>,
    /// What it goes on with when its own frame is gone.
    follows: BTreeSet<u32>,
    calls_anything: bool,
}

/// RISC-V's far jumps: the upper part of the distance in one instruction, the lower in the next.
#[derive(Default)]
struct Far {
    base: Option<(String, u32)>,
}

impl Far {
    fn target(&mut self, address: u32, mnemonic: &str, operands: &[&str]) -> Option<u32> {
        let base = self.base.take();
        if mnemonic == "auipc" {
            let upper: u32 = operands.get(1)?.parse().ok()?;
            self.base = Some(((*operands.first()?).to_owned(), address.wrapping_add(upper << 12)));
            return None;
        }
        if !matches!(mnemonic, "jalr" | "jr") {
            return None;
        }
        let (register, upper) = base?;
        let (lower, through) = operands.last()?.strip_suffix(')')?.split_once('(')?;
        let lower: i32 = lower.parse().ok()?;
        (through == register).then_some(upper.wrapping_add_signed(lower))
    }
}

/// The deepest path.
pub(crate) struct Depth {
    pub(crate) bytes: u32,
    /// Why it may be deeper.
    pub(crate) doubts: BTreeSet<String>,
}

impl Code {
    /// Disassembles `path`.
    pub(crate) fn of(path: &Path, elf: &Elf) -> Result<Self, String> {
        let output = Command::new("llvm-objdump")
            .args(["--disassemble", "--no-show-raw-insn"])
            .arg(path)
            .output()
            .map_err(|error| format!("llvm-objdump cannot be started: {error}"))?;
        if !output.status.success() {
            return Err(format!("llvm-objdump: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let (known, frames) = (elf.functions(), elf.frames());
        let mut code = Self { functions: BTreeMap::new(), floats: BTreeSet::new() };
        for (address, function) in &known {
            let body = Body { name: function.name.clone(), frame: frames.get(address).copied().unwrap_or(0), ..Body::default() };
            code.functions.insert(*address, body);
        }
        let mut current = 0;
        let mut far = Far::default();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Some((address, rest)) = line.trim_start().split_once(':') else { continue };
            let Ok(address) = u32::from_str_radix(address.trim(), 16) else { continue };
            if known.contains_key(&address) {
                current = address;
            }
            let mut words = rest.split_whitespace();
            let Some(mnemonic) = words.next() else { continue };
            let operands: Vec<_> = words.map(|word| word.trim_end_matches(',')).collect();
            let named = operands.iter().rev().find_map(|operand| u32::from_str_radix(operand.strip_prefix("0x")?, 16).ok());
            let target = far.target(address, mnemonic, &operands).or(named);
            code.take(current, target, mnemonic, &operands, frames.contains_key(&current));
        }
        Ok(code)
    }

    fn take(&mut self, current: u32, target: Option<u32>, mnemonic: &str, operands: &[&str], frame_is_known: bool) {
        // On RISC-V `fadd.s` and the like; a bare `f` may be the bytes of a constant.
        let is_float = mnemonic.starts_with('v') || mnemonic.starts_with('f') && (mnemonic.contains('.') && !mnemonic.starts_with("fence"));
        if is_float {
            self.floats.insert(mnemonic.to_owned());
        }
        let leaves = |target: &u32| self.functions.contains_key(target);
        let target = target.filter(leaves);
        let Some(body) = self.functions.get_mut(&current) else { return };
        match mnemonic {
            "bl" | "jal" | "blx" | "jalr" => match target {
                Some(target) => _ = body.calls.insert(target),
                None if matches!(mnemonic, "blx" | "jalr") => body.calls_anything = true,
                None => {}
            },
            // Within a function it is a loop; anywhere else the frame is gone by then.
            _ if mnemonic.starts_with('b') || mnemonic.starts_with("cb") || matches!(mnemonic, "j" | "jr") => {
                if let Some(target) = target.filter(|target| *target != current) {
                    body.follows.insert(target);
                }
            }
            // Functions written in assembly have no size in the table.
            "push" | "push.w" if !frame_is_known => body.frame += 4 * operands.len() as u32,
            "sub" | "sub.w" if !frame_is_known && operands.first() == Some(&"sp") => {
                let bytes = operands.last().and_then(|bytes| bytes.strip_prefix('#')?.parse().ok());
                body.frame += bytes.unwrap_or(0);
            }
            "addi" if !frame_is_known && operands.first() == Some(&"sp") => {
                let bytes = operands.last().and_then(|bytes| bytes.strip_prefix('-')?.parse().ok());
                body.frame += bytes.unwrap_or(0);
            }
            _ => {}
        }
    }

    /// The deepest stack below a call of the function `name`, its own frame included.
    pub(crate) fn depth_from(&self, name: &str) -> Option<Depth> {
        let (start, _) = self.functions.iter().find(|(_, body)| body.name == name)?;
        let mut known = BTreeMap::new();
        let mut doubts = BTreeSet::new();
        let bytes = self.depth(*start, &mut known, &mut Vec::new(), &mut doubts);
        Some(Depth { bytes, doubts })
    }

    /// Functions that no instruction calls by name: those whose address is in a table, and where the processor starts.
    fn unnamed(&self) -> Vec<u32> {
        let named: BTreeSet<_> = self.functions.values().flat_map(|body| body.calls.iter().chain(&body.follows)).collect();
        let is_entry = |body: &Body| matches!(body.name.as_str(), "start" | "stop" | "main");
        self.functions.iter().filter(|(address, body)| !named.contains(address) && !is_entry(body)).map(|(address, _)| *address).collect()
    }

    fn depth(&self, at: u32, known: &mut BTreeMap<u32, u32>, path: &mut Vec<u32>, doubts: &mut BTreeSet<String>) -> u32 {
        if let Some(bytes) = known.get(&at) {
            return *bytes;
        }
        let Some(body) = self.functions.get(&at) else { return 0 };
        if path.contains(&at) {
            doubts.insert(format!("{} calls itself", body.name));
            return 0;
        }
        path.push(at);
        let mut deepest = body.frame;
        if body.calls_anything {
            // What it is told to call is one of those that no instruction names.
            for told in self.unnamed() {
                if !path.contains(&told) {
                    deepest = deepest.max(body.frame + self.depth(told, known, path, doubts));
                }
            }
        }
        for call in &body.calls {
            deepest = deepest.max(body.frame + self.depth(*call, known, path, doubts));
        }
        for next in &body.follows {
            deepest = deepest.max(self.depth(*next, known, path, doubts));
        }
        path.pop();
        known.insert(at, deepest);
        deepest
    }
}
