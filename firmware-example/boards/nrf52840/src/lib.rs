//! An nRF52840, wired as on Nordic's development kit, as a board for the panel and the receiver. Compiled with every `cargo verify`; it has not run on hardware.
//!
//! | what | pins |
//! | --- | --- |
//! | line, 115,200 baud | P0.06 out, P0.08 in |
//! | serial display, 9,600 baud | P1.02 out |
//! | DS3231 | P0.26 data, P0.27 clock |
//! | keypad rows, columns | P1.10 to P1.13, P0.02 to P0.04 |
//! | siren, armed, open, trouble | P0.13 to P0.16 |
//! | detector's loop | P0.11 to ground, open when somebody moves; pulled up inside |
//!
//! The kit's own lights are on P0.13 to P0.16, and shine when low: they show the opposite. The relays want pull-downs, for until the program has begun the pins drive nothing; the
//! line's receiving pin wants a pull-up, or an unplugged cable is noise; a bus longer than some centimetres wants pull-ups of its own besides those inside.
//!
//! What a product needs besides: protection of the debug port and of the page with the identity, and a wake-up by the serial line in place of the loop
//! that never sleeps.

#![no_std]

use core::cell::Cell;

use defmt_rtt as _;
use keyholder::Device as Core;
use keyholder_application::Hardware;
use keyholder_application::device::Device;
use keyholder_application::display::Display;
use keyholder_application::panel::PanelHardware;
use keyholder_line::identity::{self, Identity};
use nrf52840_hal::gpio::{Disconnected, Input, Level, OpenDrain, Output, Pin, PullUp, PushPull};
use nrf52840_hal::nvmc::Nvmc;
use nrf52840_hal::pac::{CLOCK, NVMC, TIMER0, TWIM0, UARTE0, UARTE1, WDT};
use nrf52840_hal::timer::{Periodic, Timer};
use nrf52840_hal::uarte::{Baudrate, Instance, Parity, Pins, UarteRx, UarteTx};
use nrf52840_hal::wdt::count::One;
use nrf52840_hal::wdt::handles::Hdl0;
use nrf52840_hal::wdt::{Parts, Watchdog, WatchdogHandle};
use nrf52840_hal::{Clocks, Twim, Uarte, twim};

/// The page with the identity, and what follows it.
const IDENTITY: usize = 0xe_0000;
const STORED: usize = IDENTITY + 4096;
const STORED_LENGTH: usize = 0x10_0000 - STORED;

/// The board.
pub struct Board;

impl Hardware for Board {
    type Receive = UarteRx<UARTE0>;
    type Transmit = UarteTx<UARTE0>;
    type Bus = Twim<TWIM0>;
    type Flash = Nvmc<NVMC>;
    type Display = UarteTx<UARTE1>;
}

impl PanelHardware for Board {
    type Row = Pin<Output<OpenDrain>>;
    type Column = Pin<Input<PullUp>>;
    type Output = Pin<Output<PushPull>>;
    type Detector = Pin<Input<PullUp>>;
}

/// Milliseconds from a timer of one megahertz.
pub struct Milliseconds {
    timer: Timer<TIMER0, Periodic>,
    last: Cell<u32>,
    /// Microseconds that are not a whole millisecond yet.
    rest: Cell<u32>,
    total: Cell<u32>,
}

impl Milliseconds {
    /// Starts the timer.
    pub fn start(timer: TIMER0) -> Self {
        let mut timer = Timer::periodic(timer);
        timer.start(u32::MAX);
        Self { timer, last: Cell::new(0), rest: Cell::new(0), total: Cell::new(0) }
    }

    /// Milliseconds since the start; wraps around. Has to be asked once an hour at least.
    pub fn now(&self) -> u32 {
        let now = self.timer.read();
        let passed = now.wrapping_sub(self.last.replace(now)).saturating_add(self.rest.get());
        self.rest.set(passed % 1000);
        let total = self.total.get().wrapping_add(passed / 1000);
        self.total.set(total);
        total
    }
}

/// The crystal in place of the oscillator inside, which is off by up to 8 %: serial lines stand 2 %.
pub fn start_crystal(clock: CLOCK) {
    _ = Clocks::new(clock).enable_ext_hfosc();
}

/// Starts anew whoever is not petted for ten seconds: a bus that is held low keeps its driver waiting for ever. The longest step, an installation,
/// takes a second or two.
pub fn watch(watchdog: WDT) -> Option<WatchdogHandle<Hdl0>> {
    let parts = match Watchdog::try_new(watchdog) {
        Ok(mut watchdog) => {
            watchdog.set_lfosc_ticks(10 * 32_768);
            watchdog.activate::<One>()
        }
        // It goes on over a restart by the program.
        Err(watchdog) => Watchdog::try_recover::<One>(watchdog).ok()?,
    };
    let Parts { handles: (handle,), .. } = parts;
    Some(handle)
}

/// Both ends of a serial port.
pub fn serial<T: Instance>(
    port: T,
    out: Pin<Disconnected>,
    into: Pin<Disconnected>,
    speed: Baudrate,
    buffers: &'static mut [[u8; 1]; 2],
) -> Option<(UarteTx<T>, UarteRx<T>)> {
    let pins = Pins { txd: out.into_push_pull_output(Level::High), rxd: into.into_floating_input(), cts: None, rts: None };
    // A buffer of one byte: the driver writes into longer ones only what fills them.
    let [transmit, receive] = buffers;
    Uarte::new(port, pins, Parity::EXCLUDED, speed).split(transmit, receive).ok()
}

/// The bus with the clock chip.
pub fn bus(bus: TWIM0, data: Pin<Disconnected>, clock: Pin<Disconnected>) -> Twim<TWIM0> {
    let pins = twim::Pins { sda: data.into_floating_input(), scl: clock.into_floating_input() };
    Twim::new(bus, pins, twim::Frequency::K100)
}

/// The identity that the factory has written.
pub fn read_identity() -> Option<Identity> {
    // SAFETY: the linker script keeps the program out of this page, and nothing ever writes to it.
    let bytes = unsafe { &*(IDENTITY as *const [u8; identity::LENGTH]) };
    Identity::read(bytes)
}

/// Starts a device with what is in the flash. Call it once.
pub fn boot<D: Core>(flash: NVMC, identity: &Identity, core: D) -> Option<Device<D, Nvmc<NVMC>>> {
    // SAFETY: the linker script keeps the program out of these pages, and who has the controller of the flash is the only one who gets here.
    let storage = unsafe { core::slice::from_raw_parts_mut(STORED as *mut u8, STORED_LENGTH) };
    let device = Device::boot(identity, core, Nvmc::new(flash, storage));
    device.inspect_err(|error| defmt::error!("the device does not start: {}", error)).ok()
}

/// Shows why the device does not start, and stops: another start would find the same.
pub fn stop(display: UarteTx<UARTE1>, why: &str) -> ! {
    defmt::error!("the device does not start: {=str}", why);
    Display::new(display).show([why, ""]);
    loop {
        cortex_m::asm::wfi();
    }
}

/// Starts anew.
pub fn restart() -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

/// The processor met something it cannot do.
#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    defmt::error!("hard fault at {=u32:x}", frame.pc());
    restart()
}

/// What must not happen has happened: a panel that starts anew is better than one that stands still.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    defmt::error!("panic: {}", defmt::Display2Format(info));
    restart()
}
