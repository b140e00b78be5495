//! A DS3231 on an I2C bus: the machine has no clock chip, so its registers are kept here, behind `embedded-hal`'s trait. The driver above talks to it as it would to
//! a real one.
//!
//! It has no battery: after every start its oscillator has been stopped, as on a board that was without power for too long. It runs as fast as the argument `rate`
//! says, 1 being as fast as real ones; at 0 it stands still until it is set.

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation, SevenBitAddress};
use keyholder::time::Date;

use crate::timer::Timer;

const ADDRESS: u8 = 0x68;
/// Registers of the time: seconds to year.
const TIME: usize = 7;
const STATUS: usize = 0x0f;
const STATUS_STOPPED: u8 = 0x80;
const CENTURY: u8 = 0x80;
const REGISTERS: usize = 0x13;

/// The chip and the bus it is on.
pub struct Ds3231<'a> {
    timer: &'a Timer,
    rate: u32,
    registers: [u8; REGISTERS],
    /// The register that the next byte is about.
    pointer: usize,
    /// When the time was last carried on, and milliseconds of the chip that are not a whole second yet.
    last: u32,
    rest: u32,
}

impl<'a> Ds3231<'a> {
    /// A chip that was without power. It carries the time on by `timer`, `rate` times as fast.
    pub const fn new(timer: &'a Timer, rate: u32) -> Self {
        let mut registers = [0; REGISTERS];
        // 2000-01-01, a Saturday, and stopped.
        registers[3] = 7;
        registers[4] = 1;
        registers[5] = 1;
        registers[STATUS] = STATUS_STOPPED;
        Self { timer, rate, registers, pointer: 0, last: 0, rest: 0 }
    }

    /// Lets the time that has passed pass.
    fn carry_on(&mut self) {
        let now = self.timer.milliseconds();
        let passed = now.wrapping_sub(self.last).saturating_mul(self.rate).saturating_add(self.rest);
        self.last = now;
        self.rest = passed % 1000;
        if passed >= 1000
            && let Some(seconds) = self.seconds()
        {
            self.set_seconds(seconds.saturating_add(passed / 1000));
        }
    }

    /// Seconds since 2000-01-01, as the registers say. `None`: they say nothing sensible.
    fn seconds(&self) -> Option<u32> {
        let [second, minute, hour, _, day, month, year] = *self.registers.first_chunk::<TIME>()?;
        let century = if month & CENTURY == 0 { 2000 } else { 2100 };
        let (day, month) = (from_bcd(day), from_bcd(month & !CENTURY));
        if !(1..=31).contains(&day) || !(1..=12).contains(&month) {
            return None;
        }
        let date = Date::new(century + u16::from(from_bcd(year)), month, day);
        let days = u32::try_from(date.0 - Date::new(2000, 1, 1).0).ok()?;
        let time = (u32::from(from_bcd(hour)) * 60 + u32::from(from_bcd(minute))) * 60 + u32::from(from_bcd(second));
        days.checked_mul(86_400)?.checked_add(time)
    }

    fn set_seconds(&mut self, seconds: u32) {
        let (days, time) = (seconds / 86_400, seconds % 86_400);
        let date = Date(Date::new(2000, 1, 1).0 + days as i32);
        let (year, month, day) = date.civil();
        let century = if year < 2100 { 0 } else { CENTURY };
        let weekday = (days + 6) % 7 + 1;
        let fields = [time % 60, time / 60 % 60, time / 3600, weekday, u32::from(day), u32::from(month), u32::from(year % 100)];
        for (register, field) in self.registers.iter_mut().zip(fields) {
            *register = to_bcd(field as u8);
        }
        if let Some(month) = self.registers.get_mut(5) {
            *month |= century;
        }
    }

    fn take(&mut self, byte: u8) {
        if let Some(register) = self.registers.get_mut(self.pointer) {
            // The oscillator's flag can be cleared, not set.
            *register = if self.pointer == STATUS { byte & (*register | !STATUS_STOPPED) } else { byte };
        }
        if self.pointer == 0 {
            // Writing the seconds starts a new one.
            self.rest = 0;
        }
        self.pointer = (self.pointer + 1) % REGISTERS;
    }

    fn give(&mut self) -> u8 {
        let byte = self.registers.get(self.pointer).copied().unwrap_or(0);
        self.pointer = (self.pointer + 1) % REGISTERS;
        byte
    }
}

const fn from_bcd(byte: u8) -> u8 {
    (byte >> 4) * 10 + (byte & 0x0f)
}

const fn to_bcd(number: u8) -> u8 {
    number / 10 << 4 | number % 10
}

impl ErrorType for Ds3231<'_> {
    type Error = ErrorKind;
}

impl I2c<SevenBitAddress> for Ds3231<'_> {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        if address != ADDRESS {
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        self.carry_on();
        for operation in operations {
            match operation {
                // The first byte says which register the others are about.
                Operation::Write(bytes) => {
                    if let Some((pointer, bytes)) = bytes.split_first() {
                        self.pointer = usize::from(*pointer) % REGISTERS;
                        bytes.iter().for_each(|byte| self.take(*byte));
                    }
                }
                Operation::Read(bytes) => bytes.iter_mut().for_each(|byte| *byte = self.give()),
            }
        }
        Ok(())
    }
}
