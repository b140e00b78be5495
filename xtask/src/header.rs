//! `include/keyholder.h`: what cbindgen makes of `ffi`, behind a preamble that says the conventions and works out the sizes.

use std::fs;
use std::path::PathBuf;

/// Where it is committed.
const HEADER: &str = "include/keyholder.h";

/// Writes the header.
pub(crate) fn write() -> Result<(), String> {
    fs::write(HEADER, generate()?).map_err(|error| format!("{HEADER}: {error}"))?;
    println!("wrote {HEADER}");
    Ok(())
}

/// Holds the committed header against a fresh one.
pub(crate) fn check() -> Result<(), String> {
    let committed = fs::read_to_string(HEADER).map_err(|error| format!("{HEADER}: {error}"))?;
    if committed == generate()? { Ok(()) } else { Err(format!("{HEADER} is not what ffi/ makes: run `cargo header` and commit it")) }
}

fn generate() -> Result<String, String> {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        cpp_compat: true,
        include_guard: Some("KEYHOLDER_H".into()),
        usize_is_size_t: true,
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        after_includes: Some(preamble()?),
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        style: cbindgen::Style::Type,
        line_length: 110,
        ..cbindgen::Config::default()
    };
    config.function.sort_by = Some(cbindgen::SortKey::None);
    config.constant.sort_by = Some(cbindgen::SortKey::None);
    let sources = ["value", "number", "storage", "flash", "request", "answer", "panel", "receiver", "blob", "names"];
    let copies = Copies::new()?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources {
        builder = builder.with_src(copies.linkable(source)?);
    }
    let mut bytes = Vec::new();
    builder.generate().map_err(|error| error.to_string())?.write(&mut bytes);
    String::from_utf8(bytes).map(tidy).map_err(|error| error.to_string())
}

/// The folder with what cbindgen reads, which is there for as long as this.
struct Copies(PathBuf);

impl Copies {
    fn new() -> Result<Self, String> {
        // Of this process alone: two may run at once.
        let folder = std::env::temp_dir().join(format!("keyholder-header-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    /// The functions that make a device get their real names, which carry the capacities, from the build; in the header a macro does that. cbindgen
    /// is shown them under the name that C programs write.
    fn linkable(&self, source: &str) -> Result<PathBuf, String> {
        let path = format!("ffi/src/{source}.rs");
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let named = ["PANEL_INIT", "PANEL_BOOT", "RECEIVER_INIT", "RECEIVER_BOOT"]
            .iter()
            .fold(text, |text, name| text.replace(&format!("#[unsafe(export_name = env!(\"KEYHOLDER_{name}\"))]"), "#[unsafe(no_mangle)]"));
        let copy = self.0.join(format!("{source}.rs"));
        fs::write(&copy, named).map_err(|error| format!("{}: {error}", copy.display()))?;
        Ok(copy)
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        // A folder that stays is no reason to fail: the header is made.
        _ = fs::remove_dir_all(&self.0);
    }
}

/// The hand-written part, with the presets put in.
fn preamble() -> Result<String, String> {
    let read = |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let mut text = read("ffi/header/preamble.h")?;
    for preset in ["small", "standard", "large"] {
        let capacities = read(&format!("ffi/presets/{preset}.h"))?;
        text = text.replace(&format!("@{preset}@"), capacities.trim_end());
    }
    Ok(text)
}

/// The types whose numbers are listed, each with the first number of its list: the type goes in front of it.
const LISTS: [(&str, &str); 17] = [
    ("kh_status", "KH_OK"),
    ("kh_verdict", "KH_DENY"),
    ("kh_public_reason", "KH_PUBLIC_NOT_ACCEPTED"),
    ("kh_who_kind", "KH_WHO_USER"),
    ("kh_action", "KH_ACTION_OPEN"),
    ("kh_act_kind", "KH_ACT_CANCEL_ALARM"),
    ("kh_capabilities", "KH_CAPABILITY_VIEW_SETTINGS"),
    ("kh_due_kind", "KH_DUE_NOTHING"),
    ("kh_outcome", "KH_POLICY_UNCHANGED"),
    ("kh_blob_kind", "KH_BLOB_PANEL_SNAPSHOT"),
    ("kh_damage", "KH_DAMAGE_SLOT"),
    ("kh_instant", "KH_NO_DEADLINE"),
    ("kh_date", "KH_NO_DEADLINE"),
    ("kh_reason", "KH_REASON_INVALID"),
    ("kh_event", "KH_EVENT_NOTHING"),
    ("kh_part", "KH_PART_HEAD"),
    ("kh_fault", "KH_FAULT_ENCODING"),
];

/// The header as a person would lay it out: short comments on one line, each type in front of its numbers, lists without gaps.
fn tidy(text: String) -> String {
    let text = text.replace("  // extern \"C\"", " /* extern \"C\" */").replace("// __cplusplus", "/* __cplusplus */");
    let (preamble, generated) = text.split_once(END_OF_PREAMBLE).unwrap_or(("", &text));
    let mut blocks: Vec<String> = generated.split("\n\n").map(shorten).filter(|block| !block.is_empty()).collect();
    for (alias, first) in LISTS {
        let is = |ending: String| move |block: &String| block.lines().last().is_some_and(|line| line.contains(&ending));
        let Some(from) = blocks.iter().position(is(format!(" {alias};"))) else { continue };
        let typedef = blocks.remove(from);
        let to = blocks.iter().position(is(format!("#define {first} "))).unwrap_or(from);
        blocks.insert(to, typedef);
    }
    let mut tidied = format!("{}{END_OF_PREAMBLE}\n", preamble.trim_start());
    let mut last = "";
    for block in &blocks {
        if !(is_number(last) && is_number(block)) {
            tidied.push('\n');
        }
        tidied.push_str(block);
        tidied.push('\n');
        last = block;
    }
    tidied
}

/// The last line of the preamble.
const END_OF_PREAMBLE: &str = "#define KH_TIME_UNKNOWN INT64_MIN";

fn is_number(block: &str) -> bool {
    block.lines().last().is_some_and(|line| line.starts_with("#define"))
}

/// A number of C's unsigned types, written as what it is: a plain one would be a signed int.
fn unsigned(line: String) -> String {
    let is_plain =
        line.starts_with("#define KH_") && line.rsplit(' ').next().is_some_and(|value| value.bytes().all(|digit| digit.is_ascii_digit()));
    if is_plain { line + "u" } else { line }
}

/// A block of lines with its comments of one line written in one line.
fn shorten(block: &str) -> String {
    let mut lines: Vec<&str> = block.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let mut short = Vec::new();
    while !lines.is_empty() {
        let one = match lines.as_slice() {
            [open, text, close, ..] if open.trim() == "/**" && close.trim() == "*/" => {
                let indent = open.strip_suffix("/**").unwrap_or("");
                text.trim().strip_prefix("* ").map(|text| format!("{indent}/** {text} */"))
            }
            _ => None,
        };
        let taken = if one.is_some() { 3 } else { 1 };
        let first = lines.first().copied().unwrap_or("").to_owned();
        short.push(unsigned(one.unwrap_or(first)));
        lines.drain(..taken);
    }
    short.join("\n")
}
