//! The panel on QEMU.

#![no_std]
#![no_main]

use core::marker::PhantomData;

use cortex_m_rt::entry;
use defmt_semihosting as _;
use keyholder::StandardPanel;
use keyholder::code::CodeKey;
use keyholder::engineer::SiteId;
use keyholder_application::Hardware;
use keyholder_application::clock::Clock;
use keyholder_application::device::keys;
use keyholder_application::display::Display;
use keyholder_application::keypad::Keypad;
use keyholder_application::line::Line;
use keyholder_application::outputs::Outputs;
use keyholder_application::panel::{Panel, PanelHardware, PanelParts};
use keyholder_qemu::ds3231::Ds3231;
use keyholder_qemu::flash::Flash;
use keyholder_qemu::semihosting::{Arguments, exit};
use keyholder_qemu::terminal::{Column, Detector, Output, Row, Terminal};
use keyholder_qemu::timer::Timer;
use keyholder_qemu::uart::Uart;
use keyholder_qemu::{boot, idle, prepare_to_idle, read_identity};

/// The emulated board.
struct Qemu<'a>(PhantomData<&'a ()>);

impl<'a> Hardware for Qemu<'a> {
    type Receive = &'a Uart;
    type Transmit = &'a Uart;
    type Bus = Ds3231<'a>;
    type Flash = Flash;
    type Display = &'a Uart;
}

impl<'a> PanelHardware for Qemu<'a> {
    type Row = Row<'a>;
    type Column = Column<'a>;
    type Output = Output<'a>;
    type Detector = Detector<'a>;
}

#[entry]
fn main() -> ! {
    let Some(core) = cortex_m::Peripherals::take() else { exit(false) };
    prepare_to_idle(core.SYST);
    let arguments = Arguments::read();
    // SAFETY: this is the only place that makes them, and it is passed once.
    let (line, port, timer) = unsafe { (Uart::line(), Uart::terminal(), Timer::start()) };
    let terminal = Terminal::at(&port, &line);
    let Some(identity) = read_identity(&arguments) else {
        defmt::error!("there is no identity in the flash");
        exit(false)
    };
    let parts = PanelParts::<Qemu<'_>> {
        line: Line::new(&line, &line),
        clock: Clock::on(Ds3231::new(&timer, arguments.number("rate").unwrap_or(1))),
        keypad: Keypad::new(terminal.rows(), terminal.columns()),
        display: Display::new(&port),
        outputs: Outputs {
            siren: Output::new(&port, 0),
            armed: Output::new(&port, 1),
            open: Output::new(&port, 2),
            trouble: Output::new(&port, 3),
        },
        detector: terminal.detector(),
    };
    let core = StandardPanel::new(SiteId(identity.id), keys(&identity), CodeKey::new(identity.code));
    let device = boot(&arguments, &identity, core);
    let mut panel = Panel::new(device, &identity, parts);
    panel.start();
    loop {
        let milliseconds = timer.milliseconds();
        terminal.carry_on(milliseconds);
        panel.step(milliseconds);
        idle([&line, &port]);
    }
}
