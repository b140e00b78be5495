//! What the machine has, and getting what it lacks.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Something a step needs besides cargo.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// A compiler for machines without an operating system.
    BareMetal,
    /// Counts instructions.
    Valgrind,
    /// Runs the encoder that was written from `docs/format.md` alone.
    Python,
    /// The usual compilers of C and C++.
    C,
    /// The other ones.
    Clang,
    /// A compiler of C for microcontrollers, with a library of C.
    BareMetalC,
    /// Builds what is in C.
    Make,
    /// Compilers for every processor that is measured.
    Microcontrollers,
    /// The linker that comes with rustup's toolchains.
    RustLinker,
    /// Shows the instructions of an image, of any processor.
    Disassembler,
    /// Emulates a board with a RISC-V.
    EmulatorOfRiscV,
    /// Links what was compiled for microcontrollers.
    BareMetalLinker,
    /// Emulates one.
    Emulator,
    /// What C programs get libraries with.
    Packages,
    /// Judges C.
    Cppcheck,
    /// Reads the Zephyr module.
    PythonYaml,
}

/// The only bare-metal target that has to be there for `cargo verify`.
pub(crate) const TARGET: &str = "thumbv7em-none-eabi";

/// The targets of what is measured.
const MEASURED: [&str; 4] = ["thumbv6m-none-eabi", "thumbv7em-none-eabi", "thumbv8m.main-none-eabi", "riscv32imac-unknown-none-elf"];

/// The `rust-version` of the workspace is 1 and this.
const OLDEST_COMPILER: u32 = 95;

/// Makes sure that `tool` is there, installing it where that is possible, or says what to type.
pub(crate) fn provide(tool: &Tool) -> Result<(), String> {
    match tool {
        Tool::BareMetal => {
            if rustup_has_target() || debian_compiler_is_there() {
                return Ok(());
            }
            if succeeds("rustup", &["target", "add", TARGET]) {
                println!("installed: rustup target {TARGET}");
                return Ok(());
            }
            install(&["rustc-web", "cargo-web", "rust-web-src"], &format!("rustup target add {TARGET}"))
        }
        Tool::Microcontrollers => {
            // The tables were made with Debian's compiler, which builds `core` for size as well: only by it are they compared to the number.
            if debian_compiler_is_there() || rustup_has(&MEASURED) {
                return Ok(());
            }
            let debian = install(&["rustc-web", "cargo-web", "rust-web-src"], &format!("rustup target add {}", MEASURED.join(" ")));
            if debian.is_err() && succeeds("rustup", &[&["target", "add"], &MEASURED[..]].concat()) {
                println!("installed: rustup targets {}", MEASURED.join(", "));
                return Ok(());
            }
            debian
        }
        Tool::RustLinker if rust_linker().is_some() => Ok(()),
        Tool::RustLinker => Err("this step needs rust-lld, which comes with rustup's toolchains. Type this, then run it again:\n  rustup toolchain install stable".into()),
        Tool::Disassembler if succeeds("llvm-objdump", &["--version"]) => Ok(()),
        Tool::Disassembler => install(&["llvm"], "your package manager's llvm"),
        Tool::EmulatorOfRiscV if succeeds("qemu-system-riscv32", &["--version"]) => Ok(()),
        Tool::EmulatorOfRiscV => install(&["qemu-system-misc"], "your package manager's QEMU with the system emulator for RISC-V"),
        // rustup's compiler brings a linker along.
        Tool::BareMetalLinker if rustup_has_target() || succeeds("arm-none-eabi-ld", &["--version"]) => Ok(()),
        Tool::BareMetalLinker => install(&["binutils-arm-none-eabi"], "the Arm GNU toolchain"),
        Tool::Emulator if succeeds("qemu-system-arm", &["--version"]) => Ok(()),
        Tool::Emulator => install(&["qemu-system-arm"], "your package manager's QEMU with the system emulator for Arm"),
        Tool::Valgrind if succeeds("valgrind", &["--version"]) => Ok(()),
        Tool::Valgrind => install(&["valgrind", "libc6-dbg"], "your package manager's valgrind"),
        Tool::C if succeeds("gcc", &["--version"]) && succeeds("g++", &["--version"]) => Ok(()),
        Tool::C => install(&["gcc", "g++", "libc6-dev"], "your package manager's gcc"),
        Tool::Clang if succeeds("clang", &["--version"]) && succeeds("clang++", &["--version"]) => Ok(()),
        Tool::Clang => install(&["clang"], "your package manager's clang"),
        Tool::BareMetalC if succeeds("arm-none-eabi-gcc", &["--specs=nano.specs", "-include", "string.h", "-fsyntax-only", "-x", "c", "/dev/null"]) => Ok(()),
        Tool::BareMetalC => install(&["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"], "the Arm GNU toolchain"),
        Tool::Make if succeeds("make", &["--version"]) => Ok(()),
        Tool::Make => install(&["make"], "your package manager's make"),
        Tool::Packages if ["make", "cmake", "pkg-config"].iter().all(|tool| succeeds(tool, &["--version"])) => Ok(()),
        Tool::Packages => install(&["make", "cmake", "pkg-config"], "your package manager's make, cmake and pkg-config"),
        Tool::Cppcheck if succeeds("cppcheck", &["--version"]) => Ok(()),
        Tool::Cppcheck => install(&["cppcheck", "python3"], "your package manager's cppcheck"),
        Tool::PythonYaml if succeeds("python3", &["-c", "import venv, ensurepip"]) => Ok(()),
        Tool::PythonYaml => install(&["python3", "python3-venv"], "your package manager's python3"),
        Tool::Python if succeeds("python3", &["--version"]) => Ok(()),
        Tool::Python => install(&["python3"], "your package manager's python3"),
    }
}

/// The command that builds the core for a microcontroller, by the compiler that is there.
pub(crate) fn bare_metal_build(features: &str) -> Vec<String> {
    let build = format!("build --locked --release --package keyholder --target {TARGET} {features}");
    let command = if rustup_has_target() || !Path::new("/usr/bin/apt-get").exists() {
        format!("cargo {build}")
    } else {
        // Debian's compiler brings the source of `core` along and builds it, which stable cargo only does when told that it may.
        format!("env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=target/debian /usr/bin/cargo {build} -Zbuild-std=core")
    };
    command.split_whitespace().map(String::from).collect()
}

/// The compiler that builds what is measured.
pub(crate) fn compiler() -> &'static str {
    if debian_compiler_is_there() { "/usr/bin/rustc" } else { "rustc" }
}

/// The command that builds images of `firmware-example/measure` for `target` into `folder`.
pub(crate) fn measured_build(target: &str, images: &str, folder: &Path) -> Result<Vec<String>, String> {
    let linker = rust_linker().ok_or("rust-lld is gone")?;
    // The size of every stack frame is said by unstable compilers only, and by others that are told to be one.
    let flags = r#"RUSTFLAGS=--cfg=sha2_backend="soft" --cfg=sha2_backend_soft="compact" -Zemit-stack-sizes"#;
    let name = target.to_uppercase().replace(['-', '.'], "_");
    // Without a level defmt leaves everything but errors out.
    let mut command: Vec<_> = ["env", "RUSTC_BOOTSTRAP=1", "DEFMT_LOG=info", flags].map(String::from).to_vec();
    command.push(format!("CARGO_TARGET_{name}_LINKER={}", linker.display()));
    let build = format!("build --quiet --manifest-path firmware-example/measure/Cargo.toml --locked --release --target {target} {images}");
    let build = if debian_compiler_is_there() {
        format!("RUSTC=/usr/bin/rustc /usr/bin/cargo {build} -Zbuild-std=core")
    } else {
        format!("cargo {build}")
    };
    command.extend(build.split_whitespace().map(String::from));
    command.extend(["--target-dir".to_owned(), folder.display().to_string()]);
    Ok(command)
}

/// The linker of rustup's toolchain.
fn rust_linker() -> Option<PathBuf> {
    let root = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let machines = Path::new(String::from_utf8_lossy(&root.stdout).trim()).join("lib/rustlib");
    let linkers = std::fs::read_dir(machines).ok()?.flatten().map(|machine| machine.path().join("bin/rust-lld"));
    linkers.into_iter().find(|linker| linker.exists())
}

/// The command that builds the example firmware, by the compiler that is there.
pub(crate) fn firmware_build(arguments: &str) -> Vec<String> {
    let build = format!("build --manifest-path firmware-example/Cargo.toml --locked --release --target {TARGET} {arguments}");
    let log = "DEFMT_LOG=info";
    let command = if rustup_has_target() || !Path::new("/usr/bin/apt-get").exists() {
        format!("env {log} cargo {build}")
    } else {
        // Debian's compiler has no linker of its own for microcontrollers.
        let linker = "CARGO_TARGET_THUMBV7EM_NONE_EABI_LINKER=arm-none-eabi-ld";
        format!("env {log} {linker} RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo {build} -Zbuild-std=core")
    };
    command.split_whitespace().map(String::from).collect()
}

/// The command that builds the documentation, with every warning an error.
pub(crate) fn documentation() -> Vec<String> {
    ["env", "RUSTDOCFLAGS=--deny warnings", "cargo", "doc", "--workspace", "--no-deps", "--locked"].map(String::from).to_vec()
}

fn rustup_has_target() -> bool {
    rustup_has(&[TARGET])
}

fn rustup_has(targets: &[&str]) -> bool {
    let has = |target: &&str| {
        let libraries = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
        libraries.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists())
    };
    targets.iter().all(has)
}

/// Whether Debian's compiler is there, with the source of `core`, and new enough.
fn debian_compiler_is_there() -> bool {
    let answers = |argument: &[&str]| Command::new("/usr/bin/rustc").args(argument).output().ok().map(|output| output.stdout);
    let [Some(version), Some(sysroot)] = [answers(&["--version"]), answers(&["--print", "sysroot"])] else { return false };
    let version = String::from_utf8_lossy(&version).into_owned();
    let minor = version.strip_prefix("rustc 1.").and_then(|rest| rest.split('.').next()).and_then(|minor| minor.parse().ok());
    minor.is_some_and(|minor: u32| minor >= OLDEST_COMPILER)
        && Path::new(String::from_utf8_lossy(&sysroot).trim()).join("lib/rustlib/src/rust/library/core").exists()
        && Path::new("/usr/bin/cargo").exists()
}

/// Installs Debian packages, or says what to type instead.
fn install(packages: &[&str], elsewhere: &str) -> Result<(), String> {
    let by_hand = format!("apt-get install {}", packages.join(" "));
    let advice = format!("this step needs more than is installed. Type one of these, then run it again:\n  {by_hand}\n  {elsewhere}");
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if !is_root || env::var_os("KEYHOLDER_NO_INSTALL").is_some() || !Path::new("/usr/bin/apt-get").exists() {
        return Err(advice);
    }
    println!("installing: {}", packages.join(" "));
    let arguments: Vec<&str> = ["install", "-y", "--no-install-recommends"].into_iter().chain(packages.iter().copied()).collect();
    // The package lists of a new machine may be empty or old.
    if succeeds("apt-get", &["update"]) && succeeds("apt-get", &arguments) { Ok(()) } else { Err(advice) }
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let quiet = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}
