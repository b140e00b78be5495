//! Stories for a device at whose keypad somebody stands: what is done to it line by line, and what is expected of it.
//!
//! ```text
//! # a comment
//! site ../../tests/sites/demo/bookshop.toml     whose device it is; the first command. `keypad 1-2` behind it: the areas of the keypad
//! say  Alice opens the shop                     for the reader
//! clock 2026-11-23 08:31                        the site's local time; `clock unknown`
//! install                                       the site's policy, with the next sequence; a file's name: that one
//! type 4711#                                    keys, pressed one after the other
//! detector on                                   somebody moves; `off`: nobody does
//! ask {"at":…,"engineer":…,"session":"begin"}   docs/requests.md, what engineers ask
//! power off | power on | power cut              `cut`: off at whatever it is, and on again
//! wait 2                                        seconds
//! expect display OPEN | ACCEPTED                both lines, within some seconds
//! expect report 1 401 01 012 OP                 the next that the device tells unasked, within some seconds
//! expect closed engineer 3 site 17              the same of a link that is cut off
//! expect nothing                                it has told nothing else
//! expect answer installed 1                     the last answer begins like this
//! expect light siren on                         one of siren, armed, open, trouble
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use keyholder::time::Time;

use crate::bench::{Bench, Running};
use crate::emulator::{Language, Start};
use crate::screen::OUTPUTS;
use crate::site::Site;
use crate::{Outcome, at, words};

/// How long something that is expected may take.
const LONGEST: Duration = Duration::from_secs(15);
/// How long nothing may be told where nothing is expected.
const QUIET: Duration = Duration::from_millis(300);

/// What a story is told with.
pub type Tell<'a> = &'a mut dyn FnMut(&str);

/// Plays the story in the file at `path`, with a panel written in `language` if it is a panel's.
///
/// # Errors
/// An expectation that was not met, or a line that is no command, with its number.
pub fn play(path: &Path, language: Language, tell: Tell<'_>) -> Outcome<()> {
    let text = fs::read_to_string(path).map_err(at(path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut stage = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        perform(&mut stage, &folder, language, line, tell).map_err(|why| format!("{}:{number}: {line}\n{why}", path.display()))?;
    }
    Ok(())
}

/// The device of a story.
struct Stage {
    site: Site,
    bench: Bench,
    folder: PathBuf,
    sequence: u64,
    answer: String,
}

fn perform(stage: &mut Option<Stage>, folder: &Path, language: Language, line: &str, tell: Tell<'_>) -> Outcome<()> {
    let (command, rest) = line.split_once(' ').map_or((line, ""), |(command, rest)| (command, rest.trim()));
    match (command, stage) {
        ("site", stage) => {
            let made = Stage::set_up(rest, folder, language)?;
            tell(&format!("{}, fresh from the factory", made.site.name()));
            *stage = Some(made);
            Ok(())
        }
        ("say", _) => {
            tell(rest);
            Ok(())
        }
        (_, None) => Err("the first command has to be `site`".to_owned()),
        (_, Some(stage)) => stage.perform(command, rest, tell),
    }
}

impl Stage {
    fn set_up(rest: &str, folder: &Path, language: Language) -> Outcome<Self> {
        let (file, keypad) = rest.split_once(" keypad ").map_or((rest, None), |(file, areas)| (file, Some(areas)));
        let site = Site::of(&folder.join(file.trim()), language)?;
        let identity = site.identity(keypad.map_or(Ok(0), areas)?);
        let mut bench = Bench::fresh(site.firmware(), &identity)?;
        bench.start(Start { rate: 1, ..Start::BENCH })?;
        Ok(Self { site, bench, folder: folder.to_owned(), sequence: 0, answer: String::new() })
    }

    fn perform(&mut self, command: &str, rest: &str, tell: Tell<'_>) -> Outcome<()> {
        if command != "expect" {
            tell(&format!("  > {command} {rest}"));
        }
        match command {
            "clock" => {
                let time = if rest == "unknown" { Time::Unknown } else { Time::Known(self.site.instant(rest)?) };
                self.bench.running()?.set_clock(time, false)
            }
            "install" => {
                self.sequence += 1;
                let blob = match rest {
                    "" => self.site.blob(self.sequence)?,
                    file => self.site.blob_of(&self.folder.join(file), self.sequence)?,
                };
                let answer = self.bench.running()?.wire.install(&blob)?;
                self.answered(words::answer(&answer), tell);
                Ok(())
            }
            "type" => {
                if let Some(unknown) = rest.chars().find(|key| !(key.is_ascii_digit() || "*#&".contains(*key))) {
                    return Err(format!("`{unknown}` is no key: there are 0 to 9, * and #, and & before and behind one that is held"));
                }
                self.bench.running()?.screen.type_keys(rest)
            }
            "detector" => self.bench.running()?.screen.type_keys(if rest == "on" { "d" } else { "D" }),
            "ask" => {
                let answer = self.site.ask(rest, self.bench.running()?)?;
                self.answered(words::answer(&answer), tell);
                Ok(())
            }
            "power" => self.power(rest),
            "wait" => {
                let seconds: f32 = rest.parse().map_err(at(rest))?;
                thread::sleep(Duration::from_secs_f32(seconds));
                Ok(())
            }
            "expect" => self.expect(rest, tell),
            _ => Err("there is no such command".to_owned()),
        }
    }

    fn answered(&mut self, answer: String, tell: Tell<'_>) {
        tell(&format!("      {answer}"));
        self.answer = answer;
    }

    fn power(&mut self, rest: &str) -> Outcome<()> {
        match rest {
            "off" => self.bench.cut_power(),
            "on" | "cut" => _ = self.bench.start(Start { rate: 1, ..Start::BENCH })?,
            _ => return Err("power is on, off, or cut".to_owned()),
        }
        Ok(())
    }

    fn expect(&mut self, rest: &str, tell: Tell<'_>) -> Outcome<()> {
        let (what, wanted) = rest.split_once(' ').unwrap_or((rest, ""));
        let Running { wire, screen, .. } = self.bench.running()?;
        match what {
            "display" => {
                let (first, second) = wanted.split_once('|').ok_or("a display has two lines, with | between them")?;
                let wanted = [first.trim(), second.trim()];
                let view = screen.wait(LONGEST, |view| view.lines == wanted);
                let [first, second] = view.map_err(|view| format!("the display shows {:?}", view.lines))?.lines;
                tell(&format!("      [{first:<16}]\n      [{second:<16}]"));
                Ok(())
            }
            "report" | "closed" => {
                let told = wire.told(LONGEST)?.map_or_else(|| "nothing".to_owned(), |told| words::told(&told));
                tell(&format!("      {told}"));
                if told.starts_with(rest) { Ok(()) } else { Err(format!("the device tells: {told}")) }
            }
            "nothing" => match wire.told(QUIET)? {
                None => Ok(()),
                Some(told) => Err(format!("the device tells: {}", words::told(&told))),
            },
            "answer" if self.answer.starts_with(wanted) => Ok(()),
            "answer" => Err(format!("the answer was: {}", self.answer)),
            "light" => {
                let (name, level) = wanted.split_once(' ').ok_or("a light is on or off")?;
                let index = OUTPUTS.iter().position(|output| *output == name).ok_or("there is no such light")?;
                let is_right = |outputs: &[bool; 4]| outputs.get(index) == Some(&(level == "on"));
                screen.wait(LONGEST, |view| is_right(&view.outputs)).map_err(|_| format!("{name} is not {level}"))?;
                tell(&format!("      ({name} {level})"));
                Ok(())
            }
            _ => Err("that cannot be expected".to_owned()),
        }
    }
}

/// `1-2` or `1,3` as a set.
///
/// # Errors
/// It is none.
pub fn areas(text: &str) -> Outcome<u32> {
    let mut set = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.trim().parse().map_err(at(text))?, last.trim().parse().map_err(at(text))?);
        if first == 0 || last > 32 {
            return Err(format!("{text}: areas are 1 to 32"));
        }
        (first..=last).for_each(|area| set |= 1 << (area - 1));
    }
    Ok(set)
}
