//! The machine's serial ports: CMSDK APB UARTs without a FIFO. The emulator holds bytes back until the one before is taken, so none gets lost.

use core::cell::Cell;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};

const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CONTROL: usize = 0x08;
const INTERRUPT: usize = 0x0c;
const DIVIDER: usize = 0x10;

const STATE_TRANSMIT_FULL: u32 = 1;
const STATE_RECEIVE_FULL: u32 = 2;
/// Transmitter, receiver and the receiver's interrupt.
const CONTROL_ON: u32 = 1 | 2 | 8;
const INTERRUPT_RECEIVED: u32 = 2;
/// 25 MHz / 16: the fastest there is. The emulator does not wait anyway.
const FASTEST: u32 = 16;

/// A serial port.
pub struct Uart {
    base: usize,
    /// What is at its other end takes nothing.
    is_down: Cell<bool>,
}

impl Uart {
    /// The machine's first port: the line.
    ///
    /// # Safety
    /// Only one of them may be used at a time.
    pub unsafe fn line() -> Self {
        Self::at(0x4000_4000)
    }

    /// The machine's second port: the terminal.
    ///
    /// # Safety
    /// Only one of them may be used at a time.
    pub unsafe fn terminal() -> Self {
        Self::at(0x4000_5000)
    }

    fn at(base: usize) -> Self {
        let port = Self { base, is_down: Cell::new(false) };
        port.write_register(DIVIDER, FASTEST);
        port.write_register(CONTROL, CONTROL_ON);
        port
    }

    fn read_register(&self, offset: usize) -> u32 {
        // SAFETY: `base` is a port of this machine, and the offset one of its registers.
        unsafe { ((self.base + offset) as *const u32).read_volatile() }
    }

    fn write_register(&self, offset: usize, value: u32) {
        // SAFETY: `base` is a port of this machine, and the offset one of its registers.
        unsafe { ((self.base + offset) as *mut u32).write_volatile(value) }
    }

    /// Whether a byte has come.
    pub fn has_byte(&self) -> bool {
        self.read_register(STATE) & STATE_RECEIVE_FULL != 0
    }

    /// The byte that has come.
    pub fn byte(&self) -> Option<u8> {
        self.has_byte().then(|| self.read_register(DATA) as u8)
    }

    /// Sends a byte.
    pub fn send(&self, byte: u8) {
        while self.read_register(STATE) & STATE_TRANSMIT_FULL != 0 {}
        self.write_register(DATA, u32::from(byte));
    }

    /// Lets what is at its other end take nothing, or take it again.
    pub fn take_down(&self, is_down: bool) {
        self.is_down.set(is_down);
    }

    /// Takes the interrupt back that said that a byte has come.
    pub(crate) fn clear_received(&self) {
        self.write_register(INTERRUPT, INTERRUPT_RECEIVED);
    }
}

impl ErrorType for &Uart {
    type Error = ErrorKind;
}

impl ReadReady for &Uart {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.has_byte())
    }
}

impl Read for &Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let Some(slot) = buffer.first_mut() else { return Ok(0) };
        loop {
            if let Some(byte) = self.byte() {
                *slot = byte;
                return Ok(1);
            }
        }
    }
}

impl Write for &Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if self.is_down.get() {
            return Err(ErrorKind::TimedOut);
        }
        bytes.iter().for_each(|byte| self.send(*byte));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
