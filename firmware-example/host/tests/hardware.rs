//! The panel in Rust on hardware that is made up, in this process: what takes too long on the emulator, or never happens there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::Path;
use std::rc::Rc;
use std::thread;

use embedded_hal::digital::{self, InputPin, OutputPin};
use embedded_hal::i2c::{self, I2c, Operation};
use embedded_io::{ErrorKind, Read, ReadReady, Write};
use keyholder::StandardPanel;
use keyholder::blob::HEAD_LENGTH;
use keyholder::code::CodeKey;
use keyholder::engineer::SiteId;
use keyholder::time::{Instant, Time};
use keyholder_application::Hardware;
use keyholder_application::clock::Clock;
use keyholder_application::device::{Device, LAYOUT, keys};
use keyholder_application::display::Display;
use keyholder_application::keypad::Keypad;
use keyholder_application::line::Line;
use keyholder_application::outputs::Outputs;
use keyholder_application::panel::{Panel, PanelHardware, PanelParts};
use keyholder_host::emulator::Language;
use keyholder_host::site::Site;
use keyholder_line::answer::{State, kind};
use keyholder_line::frame::{Frame, LONGEST_FRAME, Payload, Received, Receiver, START};
use keyholder_line::request::{LONGEST_PART, Request};
use keyholder_simulator::flash::Flash;

/// What the panel logs here nobody reads.
#[defmt::global_logger]
struct Nobody;

// SAFETY: it does nothing.
unsafe impl defmt::Logger for Nobody {
    fn acquire() {}
    unsafe fn flush() {}
    unsafe fn release() {}
    unsafe fn write(_: &[u8]) {}
}

defmt::timestamp!("");

/// What comes over the line.
#[derive(Clone, Default)]
struct Incoming(Rc<RefCell<Source>>);

#[derive(Default)]
struct Source {
    bytes: VecDeque<u8>,
    /// Comes again and again.
    endless: Vec<u8>,
    /// Something always seems to have come, and can never be read.
    fails: bool,
    /// How often something was read since the step began.
    taken: usize,
}

impl embedded_io::ErrorType for Incoming {
    type Error = ErrorKind;
}

impl ReadReady for Incoming {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        let source = self.0.borrow();
        Ok(source.fails || !source.bytes.is_empty() || !source.endless.is_empty())
    }
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let mut source = self.0.borrow_mut();
        source.taken += 1;
        assert!(source.taken < 10_000, "the panel does nothing else any more");
        if source.fails {
            return Err(ErrorKind::Other);
        }
        if source.bytes.is_empty() {
            let again = source.endless.clone();
            source.bytes.extend(again);
        }
        let (Some(slot), Some(byte)) = (buffer.first_mut(), source.bytes.pop_front()) else { return Ok(0) };
        *slot = byte;
        Ok(1)
    }
}

/// What goes out over a line, and whether it is down.
#[derive(Clone, Default)]
struct Outgoing(Rc<RefCell<Vec<u8>>>, Rc<Cell<bool>>);

impl embedded_io::ErrorType for Outgoing {
    type Error = ErrorKind;
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if self.1.get() {
            return Err(ErrorKind::TimedOut);
        }
        self.0.borrow_mut().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A DS3231 with a battery, whose time stands still.
#[derive(Clone)]
struct Chip {
    registers: Rc<RefCell<[u8; 0x13]>>,
    pointer: Rc<Cell<usize>>,
    /// Bits that are turned over in the next reading of the month.
    disturbance: Rc<Cell<u8>>,
    /// How many bytes it takes before the power fails.
    power: Rc<Cell<usize>>,
}

impl Chip {
    const MONTH: usize = 5;

    fn new() -> Self {
        let mut registers = [0; 0x13];
        // The first of January 2000, and that its oscillator has stood still.
        (registers[3], registers[4], registers[Self::MONTH], registers[0x0f]) = (7, 1, 1, 0x80);
        Self {
            registers: Rc::new(RefCell::new(registers)),
            pointer: Rc::default(),
            disturbance: Rc::default(),
            power: Rc::new(Cell::new(usize::MAX)),
        }
    }
}

impl i2c::ErrorType for Chip {
    type Error = i2c::ErrorKind;
}

impl I2c for Chip {
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        let mut registers = self.registers.borrow_mut();
        for operation in operations {
            match operation {
                Operation::Write(bytes) => {
                    let Some((pointer, bytes)) = bytes.split_first() else { continue };
                    self.pointer.set(usize::from(*pointer));
                    for byte in bytes {
                        let left = self.power.get().checked_sub(1).ok_or(i2c::ErrorKind::Bus)?;
                        self.power.set(left);
                        registers[self.pointer.replace(self.pointer.get() + 1)] = *byte;
                    }
                }
                Operation::Read(bytes) => {
                    for byte in bytes.iter_mut() {
                        let at = self.pointer.replace(self.pointer.get() + 1);
                        let disturbed = if at == Self::MONTH { self.disturbance.replace(0) } else { 0 };
                        *byte = registers[at] ^ disturbed;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A bus without a clock chip.
struct Empty;

impl i2c::ErrorType for Empty {
    type Error = i2c::ErrorKind;
}

impl I2c for Empty {
    fn transaction(&mut self, _: u8, _: &mut [Operation<'_>]) -> Result<(), i2c::ErrorKind> {
        Err(i2c::ErrorKind::NoAcknowledge(i2c::NoAcknowledgeSource::Address))
    }
}

/// A pin and whatever is at its other end.
#[derive(Clone, Default)]
struct Pin(Rc<Cell<bool>>);

impl digital::ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.set(true);
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.get())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.get())
    }
}

/// A column of the keypad: low if the key in it is down and the row of that key is low.
struct Column {
    is_down: Rc<Cell<bool>>,
    row: Pin,
}

impl digital::ErrorType for Column {
    type Error = Infallible;
}

impl InputPin for Column {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        self.is_low().map(|is_low| !is_low)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.is_down.get() && !self.row.0.get())
    }
}

struct Board;

impl Hardware for Board {
    type Receive = Incoming;
    type Transmit = Outgoing;
    type Bus = Empty;
    type Flash = Flash;
    type Display = Outgoing;
}

impl PanelHardware for Board {
    type Row = Pin;
    type Column = Column;
    type Output = Pin;
    type Detector = Pin;
}

/// The bookshop's panel with its policy, and all that is connected to it.
struct Desk {
    panel: Panel<Board>,
    incoming: Incoming,
    outgoing: Outgoing,
    display: Outgoing,
    /// Whether the key 1 is down.
    key: Rc<Cell<bool>>,
    siren: Pin,
    detector: Pin,
    /// Milliseconds.
    now: u32,
}

impl Desk {
    fn new() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites/demo/bookshop.toml");
        let site = Site::of(&file, Language::Rust).unwrap();
        let identity = site.identity(0);
        let core = StandardPanel::new(SiteId(identity.id), keys(&identity), CodeKey::new(identity.code));
        let device = Device::boot(&identity, core, Flash::erased(LAYOUT)).unwrap();
        let (incoming, outgoing, display) = (Incoming::default(), Outgoing::default(), Outgoing::default());
        let (key, siren, detector) = (Rc::new(Cell::new(false)), Pin::default(), Pin::default());
        let row = Pin::default();
        let column = |is_down: &Rc<Cell<bool>>| Column { is_down: is_down.clone(), row: row.clone() };
        let parts = PanelParts {
            line: Line::new(incoming.clone(), outgoing.clone()),
            clock: Clock::on(Empty),
            keypad: Keypad::new(
                [row.clone(), Pin::default(), Pin::default(), Pin::default()],
                [column(&key), column(&Rc::default()), column(&Rc::default())],
            ),
            display: Display::new(display.clone()),
            outputs: Outputs { siren: siren.clone(), armed: Pin::default(), open: Pin::default(), trouble: Pin::default() },
            detector: detector.clone(),
        };
        let mut panel = Panel::new(device, &identity, parts);
        panel.start();
        let mut desk = Self { panel, incoming, outgoing, display, key, siren, detector, now: u32::MAX - 60_000 };
        let blob = site.blob(1).unwrap();
        let (head, policy) = blob.split_at(HEAD_LENGTH);
        assert_eq!(desk.ask(&Request::BlobBegin(head)).kind, kind::DONE);
        for (number, bytes) in policy.chunks(LONGEST_PART).enumerate() {
            let offset = (number * LONGEST_PART) as u32;
            assert_eq!(desk.ask(&Request::BlobPart { offset, bytes }).kind, kind::DONE);
        }
        assert_eq!(desk.ask(&Request::BlobEnd).kind, kind::INSTALLED);
        desk
    }

    /// So much time passes, and the panel looks at everything once.
    fn step(&mut self, milliseconds: u32) {
        self.now = self.now.wrapping_add(milliseconds);
        self.incoming.0.borrow_mut().taken = 0;
        self.panel.step(self.now);
    }

    fn ask(&mut self, request: &Request<'_>) -> Frame {
        let (kind, payload) = request.write();
        self.incoming.0.borrow_mut().bytes.extend(Frame::new(kind, 0, payload).to_bytes());
        self.outgoing.0.borrow_mut().clear();
        self.step(10);
        let mut receiver = Receiver::new();
        let answer = self.outgoing.0.borrow().iter().find_map(|byte| match receiver.receive(*byte, 0) {
            Received::Frame(frame) => Some(frame),
            Received::Nothing | Received::Broken => None,
        });
        answer.unwrap()
    }

    fn is_in_alarm(&mut self) -> bool {
        let answer = self.ask(&Request::State);
        State::read(&answer.payload).unwrap().in_alarm
    }

    /// Presses the key 1 for a moment. Returns whether the display shows that something has been typed.
    fn shows_key(&mut self) -> bool {
        self.display.0.borrow_mut().clear();
        for is_down in [true, false] {
            self.key.set(is_down);
            for _ in 0..3 {
                self.step(10);
            }
        }
        self.display.0.borrow().windows(4).any(|bytes| bytes == b"\xfe\xc0* ")
    }
}

/// Unoptimised, a device is copied so often on its way that two megabytes of stack are not enough.
fn with_room(test: fn()) {
    thread::Builder::new().stack_size(16 << 20).spawn(test).unwrap().join().unwrap();
}

#[test]
fn whoever_sends_without_end_keeps_nobody_waiting() {
    with_room(send_without_end);
}

fn send_without_end() {
    let state = Frame::new(keyholder_line::request::kind::STATE, 7, Payload::new()).to_bytes().to_vec();
    let untagged = Frame::new(keyholder_line::request::kind::STATE, 0, Payload::new()).to_bytes().to_vec();
    let broken = vec![START, 0, 0, 1, 1, 0, 0, 0, 0];
    let cases: [(&str, Vec<u8>, bool); 6] = [
        ("nothing", Vec::new(), false),
        ("noise", b"noise".to_vec(), false),
        ("the same question", state, false),
        ("new questions", untagged, false),
        ("broken frames", broken, false),
        ("a port that fails", Vec::new(), true),
    ];
    for (name, endless, fails) in cases {
        let mut desk = Desk::new();
        {
            let mut source = desk.incoming.0.borrow_mut();
            (source.endless, source.fails) = (endless, fails);
        }
        desk.step(10);
        desk.outgoing.0.borrow_mut().clear();
        assert!(desk.shows_key(), "{name}");
        let sent = desk.outgoing.0.borrow().len();
        assert!(sent <= 6 * LONGEST_FRAME, "{name}: {sent} bytes were sent in six steps");
    }
}

#[test]
fn the_siren_sounds_for_a_quarter_of_an_hour_and_it_is_an_alarm_until_somebody_opens() {
    with_room(sound_the_siren);
}

fn sound_the_siren() {
    let mut desk = Desk::new();
    desk.step(10);
    assert!(!desk.siren.0.get() && !desk.is_in_alarm());
    desk.detector.0.set(true);
    desk.step(10);
    desk.step(29_000);
    assert!(!desk.siren.0.get(), "there is time for a code");
    desk.step(1_000);
    assert!(desk.siren.0.get() && desk.is_in_alarm());
    desk.step(15 * 60_000 - 1_000);
    assert!(desk.siren.0.get());
    desk.step(1_000);
    assert!(!desk.siren.0.get() && desk.is_in_alarm());
    // The milliseconds wrap around, however many of them.
    for _ in 0..200 {
        desk.step(u32::MAX / 100);
        assert!(!desk.siren.0.get() && desk.is_in_alarm());
    }
}

#[test]
fn a_clock_that_is_not_to_be_believed_stays_so_over_a_restart() {
    const TIME: Time = Time::Known(Instant(1_795_422_660));
    let chip = Chip::new();
    let mut clock = Clock::on(chip.clone());
    assert_eq!(clock.time(), Time::Unknown, "its oscillator has stood still");
    clock.set(TIME);
    assert_eq!(Clock::on(chip.clone()).time(), TIME);
    clock.set(Time::Unknown);
    assert_eq!(Clock::on(chip.clone()).time(), Time::Unknown);

    // The power fails while it is being set.
    let later = Time::Known(Instant(1_798_761_599));
    for bytes in 0..20 {
        let chip = Chip::new();
        Clock::on(chip.clone()).set(TIME);
        chip.power.set(bytes);
        Clock::on(chip.clone()).set(later);
        chip.power.set(usize::MAX);
        let found = Clock::on(chip).time();
        assert!([TIME, later, Time::Unknown].contains(&found), "{bytes} bytes: {found:?}");
    }
}

#[test]
fn a_reading_that_the_next_one_does_not_bear_out_is_none() {
    let chip = Chip::new();
    let mut clock = Clock::on(chip.clone());
    clock.set(Time::Known(Instant(1_795_422_660)));
    for bit in [1, 2, 4, 0x80] {
        chip.disturbance.set(bit);
        assert_eq!(clock.time(), Time::Unknown, "{bit}");
        assert_eq!(clock.time(), Time::Known(Instant(1_795_422_660)), "{bit}: the next");
    }
}

#[test]
fn what_nobody_asked_for_is_told_once_the_line_takes_it() {
    with_room(tell_late);
}

fn tell_late() {
    let mut desk = Desk::new();
    desk.outgoing.0.borrow_mut().clear();
    desk.outgoing.1.set(true);
    desk.detector.0.set(true);
    desk.step(10);
    desk.step(30_000);
    assert!(desk.siren.0.get());
    desk.step(60_000);
    assert!(desk.outgoing.0.borrow().is_empty());
    desk.outgoing.1.set(false);
    desk.step(10);
    let mut receiver = Receiver::new();
    let told: Vec<u8> = desk
        .outgoing
        .0
        .borrow()
        .iter()
        .filter_map(|byte| match receiver.receive(*byte, 0) {
            Received::Frame(frame) => Some(frame.kind),
            Received::Nothing | Received::Broken => None,
        })
        .collect();
    assert_eq!(told, [kind::REPORT], "the alarm, once");
    desk.outgoing.0.borrow_mut().clear();
    desk.step(10);
    assert!(desk.outgoing.0.borrow().is_empty());
}
