//! A flash that fails once and then works again, with the power on.

use keyholder::decide::Action;

use crate::mock::{Mock, Nor, Tear};
use crate::scenes::{Heard, Kept, KeptPanel, Scene, Step, panel_scenes};

type Flash = Nor<4, 4, 1024>;
type Panel = KeptPanel<Flash>;

#[test]
fn after_any_failed_operation_a_restart_finds_what_the_device_decides_on() {
    let scenes: Vec<Scene> = panel_scenes().into_iter().filter(|scene| !matches!(scene.step, Step::Restart)).collect();
    let mut tried = 0;
    for (number, scene) in scenes.iter().enumerate() {
        let flash = Flash::with_capacity(Panel::capacity());
        let mut panel = Panel::powered(flash.clone());
        for step in &scene.before {
            panel.step(step);
        }
        drop(panel);
        let operations = {
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            let from = flash.operations();
            panel.step(&scene.step);
            flash.operations() - from
        };
        let stride = if cfg!(debug_assertions) { 23 } else { 1 };
        for at in (number as u64 % stride..operations).step_by(stride as usize) {
            let tear = Tear::ALL[(at as usize + number) % Tear::ALL.len()];
            let flash = flash.copy();
            let mut panel = Panel::powered(flash.clone());
            flash.fail_after(at, tear);
            let heard = panel.step(&scene.step);
            let what = format!("{}: operation {at}, {tear:?}", scene.name);
            let is_same = |panel: &Panel| panel.answers() == Panel::powered(flash.copy()).answers();
            assert!(heard != Heard::Yes || is_same(&panel), "{what}: what was heard is not kept");
            // Whatever comes next takes along what could not be written.
            panel.step(&Step::Code("9999", Action::Open, 90_000));
            assert!(is_same(&panel), "{what}: what decides is not kept");
            if matches!(scene.step, Step::Install(_) | Step::Stream(..)) && heard == Heard::No {
                // It is sent again. If that is a patch, it may have to be as a snapshot.
                panel.step(&scene.step);
                assert!(is_same(&panel), "{what}: what is sent again is not kept");
            }
            tried += 1;
        }
    }
    println!("{tried} operations failed");
}
