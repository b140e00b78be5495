//! Plays a script: asks what the host wrote down, counts, and writes down what came of it.

use core::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use keyholder::blob::PublicKey;
use keyholder::engineer::{Capabilities, EngineerId, SiteId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::time::{Instant, Time};
use keyholder::{ActRequest, Decision, EngineerRequest, OpenClose, SessionRequest, Update, UpdateRequest};
use keyholder_measure_script::{Deed, LONGEST_STEP, Outcome, Step};

use crate::counter;
use crate::emulator::{File, exit};

unsafe extern "C" {
    /// Memory for the script; the linker's script says where.
    static mut __exchange: u8;
    #[cfg(floor)]
    fn floor_settle(site: *mut u64);
    #[cfg(floor)]
    fn floor_open_close(site: *mut u64, request: *const FloorRequest) -> FloorAnswer;
}

/// A device, as far as a script asks it.
pub trait Played: Clone + 'static {
    /// A new one.
    fn fresh(key: PublicKey) -> Self;
    /// Whether it is installed.
    fn install(&mut self, blob: &[u8], time: Time) -> bool;
    /// A panel only.
    fn open_close(&mut self, request: &OpenClose<'_>, time: Time) -> Decision;
    /// A panel only.
    fn act(&mut self, request: &ActRequest<'_>, time: Time);
    /// May the engineer do this?
    fn engineer(&mut self, request: &EngineerRequest, time: Time) -> Decision;
    /// A session.
    fn begin(&mut self, request: &SessionRequest, time: Time);
    /// May the engineer install this?
    fn update(&mut self, request: &UpdateRequest, time: Time) -> Decision;
}

/// What is called: a device, a question and where the answer goes.
struct Call<'a, D, Q> {
    device: &'a mut D,
    question: &'a Q,
    time: Time,
    answer: Decision,
}

/// The probes: nothing but the call, and the answer put where it belongs.
mod probe {
    use super::*;

    pub(super) extern "C" fn open_close<D: Played>(call: *mut ()) {
        // SAFETY: that is what `measure` passes.
        let call = unsafe { &mut *call.cast::<Call<'_, D, OpenClose<'_>>>() };
        call.answer = call.device.open_close(call.question, call.time);
    }

    pub(super) extern "C" fn engineer<D: Played>(call: *mut ()) {
        // SAFETY: that is what `measure` passes.
        let call = unsafe { &mut *call.cast::<Call<'_, D, EngineerRequest>>() };
        call.answer = call.device.engineer(call.question, call.time);
    }

    pub(super) extern "C" fn update<D: Played>(call: *mut ()) {
        // SAFETY: that is what `measure` passes.
        let call = unsafe { &mut *call.cast::<Call<'_, D, UpdateRequest>>() };
        call.answer = call.device.update(call.question, call.time);
    }

    pub(super) extern "C" fn install<D: Played>(call: *mut ()) {
        // SAFETY: that is what `measure` passes.
        let call = unsafe { &mut *call.cast::<Call<'_, D, &[u8]>>() };
        if call.device.install(call.question, call.time) {
            call.answer.verdict = keyholder::Verdict::Allow;
        }
    }

    pub(super) extern "C" fn hmac(block: *mut ()) {
        // SAFETY: that is what `play` passes.
        let block = unsafe { &mut *block.cast::<[u8; 64]>() };
        let mut hmac = <Hmac<sha2::Sha256> as KeyInit>::new(&(*block).into());
        hmac.update(&[1]);
        hmac.update(&[0x31; 32]);
        let tag: [u8; 32] = hmac.finalize().into_bytes().into();
        for (slot, byte) in block.iter_mut().zip(tag) {
            *slot = byte;
        }
    }

    #[cfg(floor)]
    pub(super) extern "C" fn floor(call: *mut ()) {
        // SAFETY: that is what `ask_floor` passes.
        let call = unsafe { &mut *call.cast::<FloorCall>() };
        // SAFETY: a site that `floor_settle` has made ready.
        call.answer = unsafe { floor_open_close(call.site, &raw const call.request) };
    }
}

/// As `struct request` in `floor.c`.
#[repr(C)]
#[cfg(floor)]
struct FloorRequest {
    by_code: u8,
    has_user: u8,
    opening: u8,
    remote: u8,
    in_alarm: u8,
    time_known: u8,
    system: u8,
    user: u16,
    armed_by: u16,
    digest: [u8; 8],
    areas: u32,
    now: i64,
}

/// As `struct answer` in `floor.c`.
#[repr(C)]
#[derive(Clone, Copy)]
#[cfg(floor)]
struct FloorAnswer {
    verdict: u8,
    reason: u8,
    event: u8,
}

#[cfg(floor)]
struct FloorCall {
    site: *mut u64,
    request: FloorRequest,
    answer: FloorAnswer,
}

fn measure<D, Q>(function: counter::Counted, device: &mut D, question: &Q, time: Time) -> Outcome {
    let mut call = Call { device: black_box(device), question: black_box(question), time: black_box(time), answer: Decision::REFUSED };
    let argument = (&raw mut call).cast();
    let instructions = counter::instructions(black_box(function), argument);
    let Decision { verdict, reason, report, .. } = black_box(&call).answer;
    Outcome { instructions, stack: 0, answer: [verdict as u8, reason as u8, report.event as u8] }
}

fn stack_of<D, Q>(function: counter::Counted, device: &mut D, question: &Q, time: Time, depth: usize) -> u32 {
    let mut call = Call { device: black_box(device), question: black_box(question), time: black_box(time), answer: Decision::REFUSED };
    counter::stack(black_box(function), (&raw mut call).cast(), depth)
}

/// Plays `script` with `device` and writes `results`, its instructions and answers, and `stacks`. `kept` is where a device is remembered.
pub fn play<D: Played>(device: &mut D, kept: &mut D) -> ! {
    let file = File::read_from(c"script");
    let length = file.length();
    // SAFETY: memory that the board has for this and nobody else uses.
    let script = unsafe {
        let memory = &raw mut __exchange;
        file.read(memory, length);
        core::slice::from_raw_parts(memory, length)
    };
    let Some(script) = Script::read(script) else { exit(false) };
    // Once for the instructions, once more for the stack: what is asked and answered is the same.
    for (name, with_stack) in [(c"results", false), (c"stacks", true)] {
        let results = File::write_to(name);
        let mut player = Player {
            device: &mut *device,
            kept: &mut *kept,
            script: &script,
            with_stack,
            #[cfg(floor)]
            floor: [0; FLOOR],
        };
        let mut steps = script.steps;
        let mut page = [0; PAGE];
        let mut filled = 0;
        while let Some((step, rest)) = next(steps) {
            steps = rest;
            let Some(outcome) = player.take(&step) else { exit(false) };
            if let Some(slot) = page.get_mut(filled..filled + keyholder_measure_script::OUTCOME) {
                slot.copy_from_slice(&outcome.to_bytes());
            }
            filled += keyholder_measure_script::OUTCOME;
            if filled == PAGE {
                results.write(&page);
                filled = 0;
            }
        }
        if !steps.is_empty() {
            exit(false);
        }
        results.write(page.get(..filled).unwrap_or_default());
    }
    exit(true)
}

/// Results that are written at a time.
const PAGE: usize = 64 * keyholder_measure_script::OUTCOME;
/// Bytes of stack that are looked at under a check; eight times as many under an installation.
const DEPTH: usize = 8 * 1024;
/// Words of the floor's site.
#[cfg(floor)]
const FLOOR: usize = 3 * 1024;

/// Blobs, and steps that have not been read yet.
struct Script<'a> {
    blobs: [&'a [u8]; 8],
    steps: &'a [u8],
}

impl<'a> Script<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let number = |bytes: &'a [u8]| bytes.split_first_chunk().map(|(number, rest)| (u32::from_le_bytes(*number) as usize, rest));
        let (count, mut steps) = number(bytes)?;
        let mut blobs: [&[u8]; 8] = [&[]; 8];
        for index in 0..count {
            let (length, rest) = number(steps)?;
            let (blob, rest) = rest.split_at_checked(length)?;
            *blobs.get_mut(index)? = blob;
            steps = rest;
        }
        Some(Self { blobs, steps })
    }
}

fn next(steps: &[u8]) -> Option<(Step, &[u8])> {
    let (length, rest) = steps.split_first()?;
    let (step, rest) = rest.split_at_checked(usize::from(*length))?;
    if step.len() > LONGEST_STEP {
        return None;
    }
    Some((postcard::from_bytes(step).ok()?, rest))
}

struct Player<'a, D> {
    device: &'a mut D,
    kept: &'a mut D,
    script: &'a Script<'a>,
    with_stack: bool,
    #[cfg(floor)]
    floor: [u64; FLOOR],
}

impl<D: Played> Player<'_, D> {
    /// What the step came to; `None` for one that cannot be taken.
    fn take(&mut self, step: &Step) -> Option<Outcome> {
        let time = |time: Option<i64>| time.map_or(Time::Unknown, |seconds| Time::Known(Instant(seconds)));
        Some(match *step {
            Step::Fresh => {
                *self.device = D::fresh(key(self.script)?);
                Outcome::default()
            }
            Step::Keep => {
                self.kept.clone_from(self.device);
                Outcome::default()
            }
            Step::Back => {
                self.device.clone_from(self.kept);
                Outcome::default()
            }
            Step::Install(blob, now) => {
                let blob = *self.script.blobs.get(usize::from(blob))?;
                self.probe(probe::install::<D>, &blob, time(now), 8 * DEPTH)
            }
            Step::OpenClose(asked, now) => {
                let code = asked.asks.code();
                self.probe(probe::open_close::<D>, &asked.request(&code)?, time(now), DEPTH)
            }
            Step::Engineer(engineer, site, capabilities, now) => {
                let capabilities = Capabilities::from_bits_truncate(capabilities);
                let request = EngineerRequest { engineer: EngineerId(engineer), site: SiteId(site), capabilities };
                self.probe(probe::engineer::<D>, &request, time(now), DEPTH)
            }
            Step::Update(engineer, site, model, version, installed, image, now) => {
                let update = Update {
                    model: Model(model),
                    version: Version(version),
                    installed: Version(installed),
                    image: ImageDigest([image; 32]),
                };
                let request = UpdateRequest { engineer: EngineerId(engineer), site: SiteId(site), update };
                self.probe(probe::update::<D>, &request, time(now), DEPTH)
            }
            Step::Trace(trace, now) => {
                match trace.deed()? {
                    Deed::Act(request) => self.device.act(&request, time(now)),
                    Deed::Begin(request) => self.device.begin(&request, time(now)),
                }
                Outcome::default()
            }
            Step::Floor(_blob) => {
                #[cfg(floor)]
                self.settle_floor(_blob)?;
                Outcome::default()
            }
            Step::AskFloor(_asked, _now) => {
                #[cfg(floor)]
                return Some(self.ask_floor(&_asked, time(_now)));
                #[cfg(not(floor))]
                Outcome::default()
            }
            Step::Hmac => {
                let mut block = [7_u8; 64];
                let argument = (&raw mut block).cast();
                self.raw(probe::hmac, argument)
            }
            Step::Calibration => Outcome { instructions: counter::calibration(), ..Outcome::default() },
        })
    }

    fn raw(&self, function: counter::Counted, argument: *mut ()) -> Outcome {
        if self.with_stack {
            Outcome { stack: counter::stack(black_box(function), argument, DEPTH), ..Outcome::default() }
        } else {
            Outcome { instructions: counter::instructions(black_box(function), argument), ..Outcome::default() }
        }
    }

    fn probe<Q>(&mut self, function: counter::Counted, question: &Q, time: Time, depth: usize) -> Outcome {
        if self.with_stack {
            Outcome { stack: stack_of(function, self.device, question, time, depth), ..Outcome::default() }
        } else {
            measure(function, self.device, question, time)
        }
    }

    #[cfg(floor)]
    fn settle_floor(&mut self, blob: u8) -> Option<()> {
        let site = self.script.blobs.get(usize::from(blob))?;
        let (words, rest) = site.as_chunks::<8>();
        if words.len() > self.floor.len() || !rest.is_empty() {
            return None;
        }
        for (slot, word) in self.floor.iter_mut().zip(words) {
            *slot = u64::from_le_bytes(*word);
        }
        // SAFETY: the host wrote a site there.
        unsafe { floor_settle(self.floor.as_mut_ptr()) };
        Some(())
    }

    #[cfg(floor)]
    fn ask_floor(&mut self, asked: &keyholder_measure_script::OpenClose, time: Time) -> Outcome {
        let keyholder_measure_script::Asks::User(user) = asked.asks else { exit(false) };
        let request = FloorRequest {
            by_code: 0,
            has_user: 1,
            opening: asked.opening.into(),
            remote: asked.remote.into(),
            in_alarm: asked.in_alarm.into(),
            time_known: matches!(time, Time::Known(_)).into(),
            system: asked.system,
            user,
            armed_by: asked.armed_by,
            digest: [0; 8],
            areas: asked.areas,
            now: if let Time::Known(instant) = time { instant.0 } else { 0 },
        };
        let mut call = FloorCall { site: self.floor.as_mut_ptr(), request, answer: FloorAnswer { verdict: 0, reason: 0, event: 0 } };
        let outcome = self.raw(probe::floor, (&raw mut call).cast());
        let FloorAnswer { verdict, reason, event } = black_box(&call).answer;
        Outcome { answer: [verdict, reason, event], ..outcome }
    }
}

/// The first blob is the cloud's public key.
fn key(script: &Script<'_>) -> Option<PublicKey> {
    let [key, ..] = script.blobs;
    Some(PublicKey(key.try_into().ok()?))
}

/// An image that plays a script with that panel.
#[macro_export]
macro_rules! panel_player {
    ($panel:ty) => {
        $crate::player! {
            $panel, key => <$panel>::new($crate::ask::SITE, keyholder::blob::Keys::only(key), $crate::ask::CODE_KEY);
            fn open_close(&mut self, request: &keyholder::OpenClose<'_>, time: keyholder::time::Time) -> keyholder::Decision {
                self.0.open_close(request, time)
            }
            fn act(&mut self, request: &keyholder::ActRequest<'_>, time: keyholder::time::Time) {
                self.0.act(request, time);
            }
        }
    };
}

/// An image that plays a script with that receiver.
#[macro_export]
macro_rules! receiver_player {
    ($receiver:ty) => {
        $crate::player! {
            $receiver, key => <$receiver>::new($crate::ask::SITE, keyholder::blob::Keys::only(key));
            fn open_close(&mut self, _: &keyholder::OpenClose<'_>, _: keyholder::time::Time) -> keyholder::Decision {
                keyholder::Decision::REFUSED
            }
            fn act(&mut self, _: &keyholder::ActRequest<'_>, _: keyholder::time::Time) {}
        }
    };
}

/// What both have in common.
#[macro_export]
macro_rules! player {
    ($device:ty, $key:ident => $new:expr; $($rest:tt)*) => {
        #[derive(Clone)]
        struct Device($device);

        impl $crate::play::Played for Device {
            fn fresh($key: keyholder::blob::PublicKey) -> Self {
                Self($new)
            }
            fn install(&mut self, blob: &[u8], time: keyholder::time::Time) -> bool {
                self.0.install(blob, time).is_ok()
            }
            fn engineer(&mut self, request: &keyholder::EngineerRequest, time: keyholder::time::Time) -> keyholder::Decision {
                self.0.engineer(request, time)
            }
            fn begin(&mut self, request: &keyholder::SessionRequest, time: keyholder::time::Time) {
                self.0.begin_session(request, time);
            }
            fn update(&mut self, request: &keyholder::UpdateRequest, time: keyholder::time::Time) -> keyholder::Decision {
                self.0.update(request, time)
            }
            $($rest)*
        }

        static mut DEVICE: Device = NOBODY;
        static mut KEPT: Device = NOBODY;
        const NOBODY: Device = {
            let $key = keyholder::blob::PublicKey([0; 32]);
            Device($new)
        };

        #[unsafe(no_mangle)]
        extern "C" fn main() -> ! {
            // SAFETY: nothing else uses them, and this is called once.
            $crate::play::play(unsafe { &mut *(&raw mut DEVICE) }, unsafe { &mut *(&raw mut KEPT) })
        }
    };
}
