//! Relays and lights.

use embedded_hal::digital::OutputPin;

/// What a panel switches. Each is on when its pin is high.
pub struct Outputs<P> {
    /// The siren's relay.
    pub siren: P,
    /// The relay that tells other equipment that the keypad's areas are armed.
    pub armed: P,
    /// Green: the keypad's areas are open.
    pub open: P,
    /// Yellow: there is no policy, no clock that is believed, or the flash is damaged. The display says which.
    pub trouble: P,
}

/// How they are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
#[expect(missing_docs, reason = "one for each output")]
pub struct Levels {
    pub siren: bool,
    pub armed: bool,
    pub open: bool,
    pub trouble: bool,
}

impl<P: OutputPin> Outputs<P> {
    /// Switches them. Pins are written whether they changed or not, so that one that was disturbed is right again at once.
    pub fn switch(&mut self, levels: Levels) {
        let Levels { siren, armed, open, trouble } = levels;
        let pins = [(&mut self.siren, siren), (&mut self.armed, armed), (&mut self.open, open), (&mut self.trouble, trouble)];
        for (pin, level) in pins {
            if pin.set_state(level.into()).is_err() {
                defmt::error!("an output does not switch");
            }
        }
    }
}
