//! QEMU's `mps2-an386` as a board for the panel and the receiver: what it has, and what it has not and is emulated here, on this side of the traits.
//!
//! 1. [`uart`] and [`timer`] are the machine's own. [`idle`] sleeps until one of them has something.
//! 2. [`semihosting`] is the way to the computer that runs the emulator; [`flash`] keeps a flash in a file over there.
//! 3. [`ds3231`] is a clock chip on an I2C bus, [`terminal`] a keypad, a display, relays, lights and a detector at the end of a second serial line.
//!
//! This is the only code of the example that is unsafe: registers and traps into the emulator.

#![no_std]

pub mod ds3231;
pub mod flash;
pub mod semihosting;
pub mod terminal;
pub mod timer;
pub mod uart;

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{NVIC, SCB, SYST};

use embedded_storage::nor_flash::ReadNorFlash as _;
use keyholder::Device as Core;
use keyholder_application::device::Device;
use keyholder_line::identity::{self, Identity};

use crate::flash::Flash;
use crate::semihosting::Arguments;
use crate::uart::Uart;

/// Interrupts of the serial ports' receivers.
#[derive(Clone, Copy)]
struct Received(u16);

// SAFETY: the numbers are those of the machine (AN386, table 3-6), and no two are alike.
unsafe impl cortex_m::interrupt::InterruptNumber for Received {
    fn number(self) -> u16 {
        self.0
    }
}

const RECEIVED: [Received; 2] = [Received(0), Received(2)];
/// Ticks of the processor's clock in ten milliseconds.
const TEN_MILLISECONDS: u32 = 250_000;

/// Gets ready to sleep: something wakes the processor when a byte comes and every ten milliseconds.
pub fn prepare_to_idle(mut tick: SYST) {
    // Nothing is ever handled by an interrupt: a pending one ends the sleep even so, and then the loop looks at everything.
    cortex_m::interrupt::disable();
    tick.set_clock_source(SystClkSource::Core);
    tick.set_reload(TEN_MILLISECONDS);
    tick.clear_current();
    tick.enable_counter();
    tick.enable_interrupt();
    for interrupt in RECEIVED {
        // SAFETY: interrupts are disabled for good, so no critical section relies on this one being masked.
        unsafe { NVIC::unmask(interrupt) };
    }
}

/// Sleeps until a byte has come or ten milliseconds are over.
pub fn idle(ports: [&Uart; 2]) {
    SCB::clear_pendst();
    for (port, interrupt) in ports.into_iter().zip(RECEIVED) {
        port.clear_received();
        NVIC::unpend(interrupt);
    }
    // A byte that comes from here on makes its interrupt pending again, and the sleep ends at once.
    if !ports.iter().any(|port| port.has_byte()) {
        cortex_m::asm::wfi();
    }
}

/// The identity in the first page of the flash.
pub fn read_identity(arguments: &Arguments) -> Option<Identity> {
    let mut bytes = [0; identity::LENGTH];
    Flash::open(arguments, 0).and_then(|mut flash| flash.read(0, &mut bytes)).ok()?;
    Identity::read(&bytes)
}

/// Starts a device with what is in the flash behind that page.
pub fn boot<D: Core>(arguments: &Arguments, identity: &Identity, core: D) -> Device<D, Flash> {
    let Ok(flash) = Flash::open(arguments, 1) else {
        defmt::error!("there is no flash");
        semihosting::exit(false)
    };
    match Device::boot(identity, core, flash) {
        Ok(device) => device,
        Err(error) => {
            defmt::error!("the device does not start: {}", error);
            semihosting::exit(false)
        }
    }
}

/// Ends the emulation: something went wrong that must not.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    defmt::error!("panic: {}", defmt::Display2Format(info));
    semihosting::exit(false)
}

/// The processor met something it cannot do.
#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    defmt::error!("hard fault at {=u32:x}", frame.pc());
    semihosting::exit(false)
}
