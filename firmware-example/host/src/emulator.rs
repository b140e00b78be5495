//! The emulator: QEMU's `mps2-an386`, a Cortex-M4, with the firmware on it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use crate::logs::Logs;
use crate::{Outcome, at};

/// The language that a panel is written in. Whichever it is, a panel does the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `application/` and `boards/qemu/`.
    Rust,
    /// `panel-in-c/`.
    C,
}

/// Which firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// A panel's.
    Panel(Language),
    /// The receiver's.
    Receiver,
}

impl Firmware {
    /// The name of its ELF file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panel(Language::Rust) => "panel",
            Self::Panel(Language::C) => "panel-in-c",
            Self::Receiver => "receiver",
        }
    }

    /// Its ELF file, in the folder that `KEYHOLDER_FIRMWARE` names.
    ///
    /// # Errors
    /// It has not been built.
    pub fn elf(self) -> Outcome<PathBuf> {
        let folder = env::var_os("KEYHOLDER_FIRMWARE").ok_or("the firmware has not been built: `cargo firmware` builds it first")?;
        let elf = Path::new(&folder).join(self.name());
        if elf.is_file() { Ok(elf) } else { Err(format!("{} is not there: `cargo firmware` builds it", elf.display())) }
    }
}

/// How the emulator is started.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// How many times as fast as ours the emulated clock runs; at 0 it stands still until it is set.
    pub rate: u32,
    /// The power fails before that many steps of the flash have been made.
    pub cut: Option<u32>,
    /// The step in which it fails is half done.
    pub torn: bool,
    /// The power does not fail there: the flash is worn out, and takes nothing any more.
    pub worn: bool,
}

impl Start {
    /// A clock that stands still, and power that does not fail.
    pub const BENCH: Self = Self { rate: 0, cut: None, torn: false, worn: false };
}

/// An emulator that runs. It is killed when this is dropped, at whatever it was.
pub struct Emulator {
    child: Child,
    folder: PathBuf,
    /// The serial line.
    pub line: UnixStream,
    /// The serial line of keypad and display.
    pub terminal: UnixStream,
    /// What it logs.
    pub logs: Logs,
}

/// How long the emulator may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

impl Emulator {
    /// Starts the firmware on the flash in the file at `flash`.
    ///
    /// # Errors
    /// There is no emulator, or it does not start.
    pub fn start(firmware: Firmware, flash: &Path, start: Start) -> Outcome<Self> {
        let elf = firmware.elf()?;
        let folder = new_folder()?;
        let sockets = ["line", "terminal"].map(|name| folder.join(name));
        let listen = |path: &PathBuf| UnixListener::bind(path).map_err(at(path.display()));
        let [line, terminal] = [listen(&sockets[0])?, listen(&sockets[1])?];
        let mut semihosting = "enable=on,target=native,arg=firmware,arg=flash=flash".to_owned();
        semihosting += &format!(",arg=rate={}", start.rate);
        if let Some(cut) = start.cut {
            semihosting += &format!(",arg=cut={cut},arg=torn={},arg=worn={}", u8::from(start.torn), u8::from(start.worn));
        }
        // The firmware names the file by a path that has no spaces in it, wherever the file is.
        let linked = folder.join("flash");
        let target = flash.canonicalize().map_err(at(flash.display()))?;
        std::os::unix::fs::symlink(target, linked).map_err(at("the flash"))?;
        let mut command = Command::new("qemu-system-arm");
        command.args(["-machine", "mps2-an386", "-cpu", "cortex-m4", "-display", "none", "-monitor", "none"]);
        command.args(["-qmp", "unix:monitor,server=on,wait=off"]);
        command.args(["-semihosting-config", &semihosting]).arg("-kernel").arg(&elf);
        for name in ["line", "terminal"] {
            command.args(["-chardev", &format!("socket,id={name},path={name}"), "-serial", &format!("chardev:{name}")]);
        }
        command.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().map_err(at("qemu-system-arm does not start"))?;
        let connected = accept(&line, &mut child).and_then(|line| Ok((line, accept(&terminal, &mut child)?)));
        let log = child.stdout.take().ok_or_else(|| "the emulator has no output".to_owned());
        let logs =
            log.and_then(|log| if firmware == Firmware::Panel(Language::C) { Ok(Logs::in_plain_text(log)) } else { Logs::of(&elf, log) });
        match connected.and_then(|sockets| Ok((sockets, logs?))) {
            Ok(((line, terminal), logs)) => Ok(Self { child, folder, line, terminal, logs }),
            Err(why) => {
                // It is the first error that counts.
                _ = child.kill();
                _ = child.wait();
                _ = fs::remove_dir_all(&folder);
                Err(why)
            }
        }
    }

    /// What is in its memory: in all of the RAM that the firmware has.
    ///
    /// # Errors
    /// It does not say.
    pub fn memory(&self) -> Outcome<Vec<u8>> {
        let mut monitor = UnixStream::connect(self.folder.join("monitor")).map_err(at("the monitor"))?;
        monitor.set_read_timeout(Some(PATIENCE)).map_err(at("the monitor"))?;
        let save =
            r#"{"execute":"qmp_capabilities"} {"execute":"pmemsave","arguments":{"val":536870912,"size":262144,"filename":"memory"}}"#;
        monitor.write_all(save.as_bytes()).map_err(at("the monitor"))?;
        let answers = BufReader::new(monitor).lines().map_while(Result::ok);
        let saved = answers.filter(|answer| answer.starts_with("{\"return\"")).nth(1);
        saved.ok_or_else(|| "the emulator does not say what is in its memory".to_owned())?;
        fs::read(self.folder.join("memory")).map_err(at("the memory"))
    }

    /// Kills it: a power cut at whatever it was.
    pub fn cut_power(mut self) {
        self.end();
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It goes on.
    pub fn wait(&mut self, longest: Duration) -> Outcome<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().map_err(at("the emulator"))? {
                return Ok(status);
            }
            if begun.elapsed() > longest {
                return Err("the emulator goes on".to_owned());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn end(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
        _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.end();
    }
}

/// A folder for sockets. Their names have to be short.
pub(crate) fn new_folder() -> Outcome<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("keyholder-{}-{number}", process::id()));
    fs::create_dir(&folder).map_err(at(folder.display()))?;
    Ok(folder)
}

/// The connection that the emulator makes.
fn accept(listener: &UnixListener, child: &mut Child) -> Outcome<UnixStream> {
    listener.set_nonblocking(true).map_err(at("a socket"))?;
    let begun = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).map_err(at("a socket"))?;
                return Ok(stream);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(format!("a socket: {error}")),
        }
        if let Some(status) = child.try_wait().map_err(at("the emulator"))? {
            return Err(format!("the emulator ended with {status}"));
        }
        if begun.elapsed() > PATIENCE {
            return Err("the emulator does not start".to_owned());
        }
        thread::sleep(Duration::from_millis(2));
    }
}
