//! The clock: a DS3231 that may have stopped.

use ds323x::interface::I2cInterface;
use ds323x::{DateTimeAccess as _, Ds323x, ic};
use embedded_hal::i2c::I2c;
use keyholder::time::{Instant, Time};
use rtcc::DateTime;

/// Tells the time as far as it can be trusted.
pub struct Clock<I> {
    chip: Ds323x<I2cInterface<I>, ic::DS3231>,
    /// It was set to something that the chip cannot hold, or somebody said that it is wrong.
    distrusted: bool,
}

impl<I: I2c> Clock<I> {
    /// The clock on this bus.
    pub fn on(bus: I) -> Self {
        Self { chip: Ds323x::new_ds3231(bus), distrusted: false }
    }

    /// What time it is. A chip that has stood still since it was set, or that does not answer, knows no time.
    pub fn time(&mut self) -> Time {
        if self.distrusted || !matches!(self.chip.has_been_stopped(), Ok(false)) {
            return Time::Unknown;
        }
        self.chip.datetime().map_or(Time::Unknown, |datetime| Time::Known(Instant(datetime.and_utc().timestamp())))
    }

    /// Sets it. What the chip cannot hold (it ends in 2100), or reads back otherwise, leaves it without a time.
    pub fn set(&mut self, time: Time) {
        self.distrusted = true;
        let Time::Known(Instant(seconds)) = time else { return };
        let Some(datetime) = DateTime::from_timestamp(seconds, 0) else { return };
        let set = self.chip.set_datetime(&datetime.naive_utc()).and_then(|()| self.chip.clear_has_been_stopped_flag());
        let read = self.chip.datetime().map(|datetime| datetime.and_utc().timestamp());
        // Between the two the chip may have gone on by a second.
        self.distrusted = set.is_err() || !read.is_ok_and(|read| read.abs_diff(seconds) <= 1);
    }
}
