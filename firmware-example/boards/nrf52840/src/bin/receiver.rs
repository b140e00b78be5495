//! The receiver on an nRF52840.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use keyholder::StandardReceiver;
use keyholder::engineer::SiteId;
use keyholder_application::clock::Clock;
use keyholder_application::device::keys;
use keyholder_application::display::Display;
use keyholder_application::line::Line;
use keyholder_application::receiver::{Receiver, ReceiverParts};
use keyholder_nrf52840::{Board, Milliseconds, boot, bus, read_identity, restart, serial, start_crystal, stop, watch};
use nrf52840_hal::gpio::{p0, p1};
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::uarte::Baudrate;
use nrf52840_hal::wdt::WatchdogHandle;
use nrf52840_hal::wdt::handles::Hdl0;

#[entry]
fn main() -> ! {
    let Some((mut receiver, milliseconds, mut watchdog)) = wire() else { restart() };
    receiver.start();
    loop {
        receiver.step(milliseconds.now());
        watchdog.pet();
    }
}

/// Puts the receiver on the board.
fn wire() -> Option<(Receiver<Board>, Milliseconds, WatchdogHandle<Hdl0>)> {
    let board = Peripherals::take()?;
    start_crystal(board.CLOCK);
    let (p0, p1) = (p0::Parts::new(board.P0), p1::Parts::new(board.P1));
    let buffers = cortex_m::singleton!(: [[[u8; 1]; 2]; 2] = [[[0; 1]; 2]; 2])?;
    let [of_line, of_display] = buffers;
    let (transmit, receive) = serial(
        board.UARTE0,
        p0.p0_06.degrade().into_disconnected(),
        p0.p0_08.degrade().into_disconnected(),
        Baudrate::BAUD115200,
        of_line,
    )?;
    let (display, _) = serial(
        board.UARTE1,
        p1.p1_02.degrade().into_disconnected(),
        p1.p1_01.degrade().into_disconnected(),
        Baudrate::BAUD9600,
        of_display,
    )?;
    let Some(identity) = read_identity() else { stop(display, "NO IDENTITY") };
    let core = StandardReceiver::new(SiteId(identity.id), keys(&identity));
    let Some(device) = boot(board.NVMC, &identity, core) else { stop(display, "FLASH FAILS") };
    let watchdog = watch(board.WDT)?;
    let parts = ReceiverParts {
        line: Line::new(receive, transmit),
        clock: Clock::on(bus(board.TWIM0, p0.p0_26.degrade().into_disconnected(), p0.p0_27.degrade().into_disconnected())),
        display: Display::new(display),
    };
    Some((Receiver::new(device, parts), Milliseconds::start(board.TIMER0), watchdog))
}
