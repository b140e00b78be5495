//! The panel on an nRF52840.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use keyholder::StandardPanel;
use keyholder::code::CodeKey;
use keyholder::engineer::SiteId;
use keyholder_application::clock::Clock;
use keyholder_application::device::keys;
use keyholder_application::display::Display;
use keyholder_application::keypad::Keypad;
use keyholder_application::line::Line;
use keyholder_application::outputs::Outputs;
use keyholder_application::panel::{Panel, PanelParts};
use keyholder_nrf52840::{Board, Milliseconds, boot, bus, read_identity, restart, serial, start_crystal, stop, watch};
use nrf52840_hal::gpio::{Level, OpenDrainConfig, Pin, p0, p1};
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::uarte::Baudrate;
use nrf52840_hal::wdt::WatchdogHandle;
use nrf52840_hal::wdt::handles::Hdl0;

#[entry]
fn main() -> ! {
    let Some((mut panel, milliseconds, mut watchdog)) = wire() else { restart() };
    panel.start();
    loop {
        panel.step(milliseconds.now());
        watchdog.pet();
    }
}

/// Puts the panel on the board.
fn wire() -> Option<(Panel<Board>, Milliseconds, WatchdogHandle<Hdl0>)> {
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
    // Two keys in one column connect their rows: one that is high must not fight one that is low.
    let row = |pin: Pin<_>| pin.into_open_drain_output(OpenDrainConfig::Standard0Disconnect1, Level::High);
    let output = |pin: Pin<_>| pin.into_push_pull_output(Level::Low);
    let Some(identity) = read_identity() else { stop(display, "NO IDENTITY") };
    let core = StandardPanel::new(SiteId(identity.id), keys(&identity), CodeKey::new(identity.code));
    let Some(device) = boot(board.NVMC, &identity, core) else { stop(display, "FLASH FAILS") };
    let watchdog = watch(board.WDT)?;
    let parts = PanelParts {
        line: Line::new(receive, transmit),
        clock: Clock::on(bus(board.TWIM0, p0.p0_26.degrade().into_disconnected(), p0.p0_27.degrade().into_disconnected())),
        keypad: Keypad::new(
            [row(p1.p1_10.degrade()), row(p1.p1_11.degrade()), row(p1.p1_12.degrade()), row(p1.p1_13.degrade())],
            [p0.p0_02.degrade(), p0.p0_03.degrade(), p0.p0_04.degrade()].map(Pin::into_pullup_input),
        ),
        display: Display::new(display),
        outputs: Outputs {
            siren: output(p0.p0_13.degrade()),
            armed: output(p0.p0_14.degrade()),
            open: output(p0.p0_15.degrade()),
            trouble: output(p0.p0_16.degrade()),
        },
        detector: p0.p0_11.degrade().into_pullup_input(),
    };
    Some((Panel::new(device, &identity, parts), Milliseconds::start(board.TIMER0), watchdog))
}
