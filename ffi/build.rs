//! Reads the capacities: a preset, or the integrator's own header, which the C side includes too.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The capacities, in the order in which they make up the names of the functions that make a device.
const PANEL: [&str; 11] =
    ["CONTACTS", "LISTS", "SCHEDULES", "LAYERS", "SPANS", "HOLIDAYS", "WINDOWS", "ENGINEERS", "GRANTS", "AUTHORISATIONS", "LOCAL"];
const RECEIVER: [&str; 4] = ["SITES", "ENGINEERS", "GRANTS", "AUTHORISATIONS"];
/// What comes behind them in those names.
const WRITE_BYTES: &str = "KH_FLASH_WRITE_BYTES";

fn main() {
    println!("cargo:rerun-if-env-changed=KEYHOLDER_CONFIG");
    println!("cargo:rerun-if-env-changed=KEYHOLDER_PRESET");
    println!("cargo:rerun-if-changed=build.rs");
    if let Err(why) = write_capacities() {
        println!("cargo::error={why}");
    }
}

fn write_capacities() -> Result<(), String> {
    let path = match (env::var("KEYHOLDER_CONFIG"), env::var("KEYHOLDER_PRESET")) {
        (Ok(_), Ok(_)) => return Err("set KEYHOLDER_CONFIG or KEYHOLDER_PRESET, not both".into()),
        (Ok(config), Err(_)) => PathBuf::from(config),
        (Err(_), preset) => preset_file(&preset.unwrap_or_else(|_| "standard".into()))?,
    };
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let number = |name: &str| defined(&text, name).map_err(|why| format!("{}: {why}", path.display()));

    let write_bytes = number(WRITE_BYTES)?;
    if !(write_bytes.is_power_of_two() && write_bytes <= 32) {
        return Err(format!("{}: {WRITE_BYTES} is {write_bytes}: it has to be 1, 2, 4, 8, 16 or 32", path.display()));
    }
    let mut source =
        format!("/// Bytes of the unit that a flash is written in.\npub(crate) const FLASH_WRITE_BYTES: usize = {write_bytes};\n");
    for (device, parts) in [("PANEL", &PANEL[..]), ("RECEIVER", &RECEIVER[..])] {
        let mut ending = String::new();
        for rows in parts {
            let capacity = number(&format!("KH_{device}_{rows}"))?;
            source += &format!("pub(crate) const {device}_{rows}: usize = {capacity};\n");
            ending += &format!("_{capacity}");
        }
        for verb in ["init", "boot"] {
            let name = format!("kh_{}_{verb}{ending}_{write_bytes}", device.to_lowercase());
            println!("cargo:rustc-env=KEYHOLDER_{device}_{}={name}", verb.to_uppercase());
        }
    }
    let of_panel = |rows: &str| number(&format!("KH_PANEL_{rows}"));
    for (rows, most, what) in [
        ("WINDOWS", 31, "temp-open windows"),
        ("SCHEDULES", 32, "schedules"),
        ("LAYERS", 56, "layers"),
        ("LISTS", 255, "area lists"),
        ("LOCAL", 8, "spans, and as many grants, from the keypad"),
    ] {
        if of_panel(rows)? > most {
            return Err(format!("{}: a panel has at most {most} {what}", path.display()));
        }
    }
    let [spans, schedules, layers, local] = [of_panel("SPANS")?, of_panel("SCHEDULES")?, of_panel("LAYERS")?, of_panel("LOCAL")?];
    // As the header works it out; see `keyholder::SpanSet`.
    let Some(bits) = [16, 32, 64, 128].into_iter().find(|bits| spans + schedules + local <= *bits && 2 * (layers + local) <= *bits) else {
        let together = 128_u32.saturating_sub(local);
        return Err(format!("{}: a panel with KH_PANEL_LOCAL {local} has at most {together} spans and schedules together", path.display()));
    };
    source += &format!("/// Bits of a set of spans.\npub(crate) const SPAN_BITS: usize = {bits};\n");
    source += &format!(
        "/// A set of spans.\npub(crate) type PanelSet = {};\n",
        if bits == 128 { "keyholder::Wide".into() } else { format!("u{bits}") }
    );
    let out = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&out).join("capacities.rs"), source).map_err(|error| error.to_string())
}

fn preset_file(preset: &str) -> Result<PathBuf, String> {
    if !["small", "standard", "large"].contains(&preset) {
        return Err(format!("KEYHOLDER_PRESET is `{preset}`: small, standard and large are the presets"));
    }
    println!("cargo:rustc-cfg=preset=\"{preset}\"");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    Ok(Path::new(&root).join("presets").join(format!("{preset}.h")))
}

/// The number that `#define NAME` gives: plain decimal, because it becomes part of a name.
fn defined(text: &str, name: &str) -> Result<u32, String> {
    let values = text.lines().filter_map(|line| {
        let mut words = line.trim_start().strip_prefix('#')?.split_whitespace();
        (words.next() == Some("define") && words.next() == Some(name)).then(|| words.next().unwrap_or("").to_owned())
    });
    let mut values: Vec<String> = values.collect();
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => {
            let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
            let number = value.parse().ok().filter(|number| plain && (1..=1024).contains(number));
            number.ok_or_else(|| format!("{name} is `{value}`: it has to be a plain decimal number from 1 to 1024"))
        }
        (Some(_), false) => Err(format!("{name} is defined more than once")),
        (None, _) => Err(format!("{name} is not defined; copy one of ffi/presets and change its numbers")),
    }
}
