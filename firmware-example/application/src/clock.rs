//! The clock: a DS3231 that may have stopped.

use ds323x::interface::I2cInterface;
use ds323x::{DateTimeAccess as _, Ds323x, Rtcc as _, ic};
use embedded_hal::i2c::I2c;
use keyholder::time::{Instant, Time};
use rtcc::DateTime;

/// The year of a chip that is not to be believed.
const LONG_AGO: u16 = 2000;
/// From and until when one is: 2020, which that chip does not reach by going on, and 2100.
const EARLIEST: i64 = 1_577_836_800;
const LATEST: i64 = 4_102_444_800;

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
        // The bus has no check sum, and a single reading that is too high would be believed for ever: what a second one does not bear out is none.
        match (self.reading(), self.reading()) {
            (Some(first), Some(second)) if (0..=1).contains(&second.saturating_sub(first)) && (EARLIEST..LATEST).contains(&second) => {
                Time::Known(Instant(second))
            }
            _ => Time::Unknown,
        }
    }

    fn reading(&mut self) -> Option<i64> {
        self.chip.datetime().ok().map(|datetime| datetime.and_utc().timestamp())
    }

    /// Sets it. What the chip cannot hold (it ends in 2100), or reads back otherwise, leaves it without a time.
    pub fn set(&mut self, time: Time) {
        self.distrusted = true;
        // That it is distrusted has to outlast a restart, and a loss of power while it is being set: then the year is the last byte that the chip is sent.
        _ = self.chip.set_year(LONG_AGO);
        let Time::Known(Instant(seconds)) = time else { return };
        let Some(datetime) = DateTime::from_timestamp(seconds, 0) else { return };
        let set = self.chip.set_datetime(&datetime.naive_utc()).and_then(|()| self.chip.clear_has_been_stopped_flag());
        let read = self.reading();
        // Between the two the chip may have gone on by a second.
        self.distrusted = set.is_err() || read.is_none_or(|read| read.abs_diff(seconds) > 1);
    }
}
