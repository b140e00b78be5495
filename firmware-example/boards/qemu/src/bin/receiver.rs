//! The receiver on QEMU.

#![no_std]
#![no_main]

use core::marker::PhantomData;

use cortex_m_rt::entry;
use defmt_semihosting as _;
use keyholder::StandardReceiver;
use keyholder::engineer::SiteId;
use keyholder_application::Hardware;
use keyholder_application::clock::Clock;
use keyholder_application::device::keys;
use keyholder_application::display::Display;
use keyholder_application::line::Line;
use keyholder_application::receiver::{Receiver, ReceiverParts};
use keyholder_qemu::ds3231::Ds3231;
use keyholder_qemu::flash::Flash;
use keyholder_qemu::semihosting::{Arguments, exit};
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

#[entry]
fn main() -> ! {
    let Some(core) = cortex_m::Peripherals::take() else { exit(false) };
    prepare_to_idle(core.SYST);
    let arguments = Arguments::read();
    // SAFETY: this is the only place that makes them, and it is passed once.
    let (line, port, timer) = unsafe { (Uart::line(), Uart::terminal(), Timer::start()) };
    let Some(identity) = read_identity(&arguments) else {
        defmt::error!("there is no identity in the flash");
        exit(false)
    };
    let parts = ReceiverParts::<Qemu<'_>> {
        line: Line::new(&line, &line),
        clock: Clock::on(Ds3231::new(&timer, arguments.number("rate").unwrap_or(1))),
        display: Display::new(&port),
    };
    let core = StandardReceiver::new(SiteId(identity.id), keys(&identity));
    let device = boot(&arguments, &identity, core);
    let mut receiver = Receiver::new(device, parts);
    receiver.start();
    loop {
        receiver.step(timer.milliseconds());
        idle([&line, &port]);
    }
}
