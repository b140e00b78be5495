//! What a panel knows about its areas: which are armed, and by whom.

use keyholder::contact::UserNumber;
use keyholder::place::{AreaList, Areas, Place, SYSTEMS};

/// Which areas are armed, and by whom.
pub struct Arming {
    armed: AreaList,
    armed_by: [[UserNumber; 32]; SYSTEMS],
}

impl Default for Arming {
    fn default() -> Self {
        Self::ALL
    }
}

impl Arming {
    /// Everything is armed and nobody knows by whom: how a panel starts. Not knowing what was open it takes nothing to be.
    pub const ALL: Self = Self { armed: AreaList::ALL, armed_by: [[UserNumber::NOBODY; 32]; SYSTEMS] };

    /// The areas that are armed.
    pub const fn armed(&self) -> &AreaList {
        &self.armed
    }

    /// Whether an area of the place is.
    pub fn is_armed(&self, place: Place) -> bool {
        place.areas().meets(self.armed.of_system(place.system()))
    }

    /// Says which are. Those that were before keep who armed them.
    pub fn set_all(&mut self, armed: AreaList) {
        for (armers, was) in self.armed_by.iter_mut().zip(self.armed.0) {
            for (area, armer) in (0..).zip(armers) {
                if was.0 >> area & 1 == 0 {
                    *armer = UserNumber::NOBODY;
                }
            }
        }
        self.armed = armed;
    }

    /// `user` has armed the place, or opened it.
    pub fn set(&mut self, place: Place, arm: bool, user: UserNumber) {
        let index = usize::from(place.system()).saturating_sub(1);
        let (Some(armed), Some(armers)) = (self.armed.0.get_mut(index), self.armed_by.get_mut(index)) else { return };
        *armed = Areas(if arm { armed.0 | place.areas().0 } else { armed.0 & !place.areas().0 });
        for (area, armer) in (0..).zip(armers) {
            if place.areas().0 >> area & 1 == 1 {
                *armer = if arm { user } else { UserNumber::NOBODY };
            }
        }
    }

    /// Who has armed every area of the place; nobody if not all are armed, or by different people.
    pub fn armer(&self, place: Place) -> UserNumber {
        if !place.areas().within(self.armed.of_system(place.system())) {
            return UserNumber::NOBODY;
        }
        let armers = self.armed_by.get(usize::from(place.system()).saturating_sub(1));
        let mut of_place = place.areas().numbers().filter_map(|area| armers?.get(usize::from(area) - 1).copied());
        let first = of_place.next().unwrap_or(UserNumber::NOBODY);
        if of_place.all(|armer| armer == first) { first } else { UserNumber::NOBODY }
    }
}
