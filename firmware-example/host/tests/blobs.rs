//! Blobs over the line: good ones are installed, and whatever else comes is refused in words and changes nothing.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails has to say so")]

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use keyholder::blob::HEAD_LENGTH;
use keyholder_host::bench::{Bench, Running};
use keyholder_host::emulator::{Language, Start};
use keyholder_host::for_both_panels;
use keyholder_host::site::Site;
use keyholder_host::wire::Answer;
use keyholder_line::answer::{Accepted, Failure};
use keyholder_line::frame::{Frame, PATIENCE, Payload};
use keyholder_line::request::{LONGEST_PART, Request, kind};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sites").join(name)
}

for_both_panels!(
    a_good_blob_is_installed_and_the_same_again_is_harmless,
    what_is_not_a_good_blob_is_refused_in_words_and_changes_nothing,
    a_policy_with_more_rows_than_there_is_room_for_is_refused,
    a_blob_that_is_cut_off_half_way_leaves_the_policy_that_was_there,
    a_broken_frame_is_not_obeyed_and_the_next_good_one_is,
    a_question_that_comes_twice_is_carried_out_once,
    a_question_that_makes_no_sense_is_answered_and_not_obeyed,
);

/// The bookshop's panel, just started.
fn panel(language: Language) -> (Site, Bench) {
    let site = Site::of(&file("demo/bookshop.toml"), language).unwrap();
    let mut bench = Bench::fresh(site.firmware(), &site.identity(0)).unwrap();
    bench.start(Start::BENCH).unwrap();
    (site, bench)
}

fn installed(sequence: u64) -> Answer {
    Answer::Installed(Accepted { outcome: 1, sequence })
}

/// The number and the words of a refusal.
fn refused(answer: Answer) -> (u8, String) {
    match answer {
        Answer::Refused(refused) => (refused.number, refused.words.as_str().to_owned()),
        other => panic!("{other:?} is no refusal"),
    }
}

fn a_good_blob_is_installed_and_the_same_again_is_harmless(language: Language) {
    let (site, mut bench) = panel(language);
    let wire = &mut bench.running().unwrap().wire;
    assert_eq!(wire.install(&site.blob(3).unwrap()), Ok(installed(3)));
    assert_eq!(wire.install(&site.blob(3).unwrap()), Ok(Answer::Installed(Accepted { outcome: 2, sequence: 3 })));
    assert_eq!(wire.install(&site.blob(4).unwrap()), Ok(installed(4)));
}

fn what_is_not_a_good_blob_is_refused_in_words_and_changes_nothing(language: Language) {
    let (site, mut bench) = panel(language);
    let good = site.blob(5).unwrap();
    let altered = |at: usize| {
        let mut blob = site.blob(6).unwrap();
        blob[at] ^= 1;
        blob
    };
    let later = site.blob(6).unwrap();
    let with_length = |length: u32| {
        let mut blob = later.clone();
        blob[12..16].copy_from_slice(&length.to_le_bytes());
        blob
    };
    let other = Site::of(&file("manitou/policy.toml"), language).unwrap().blob(6).unwrap();
    let receiver = Site::of(&file("demo/station.toml"), language).unwrap().blob(6).unwrap();
    let cases: [(&str, Vec<u8>, u8); 13] = [
        ("nothing", Vec::new(), 32),
        ("not a blob at all", b"GET / HTTP/1.1\r\n\r\n".repeat(12), 32),
        ("half a head", later[..HEAD_LENGTH / 2].to_vec(), 32),
        ("a head and nothing else", later[..HEAD_LENGTH].to_vec(), 32),
        ("cut short by a byte", later[..later.len() - 1].to_vec(), 32),
        ("longer by a byte", [&later[..], &[0]].concat(), 32),
        ("a newer format", altered(4), 33),
        ("another site's", other, 34),
        ("a receiver's", receiver, 34),
        ("another key's", altered(40), 35),
        ("an altered signature", altered(100), 36),
        ("an altered policy", altered(HEAD_LENGTH + 40), 36),
        ("an older one, replayed", site.blob(4).unwrap(), 37),
    ];
    let running = bench.running().unwrap();
    assert_eq!(running.wire.install(&good), Ok(installed(5)));
    let before = running.state().unwrap();
    for (name, blob, number) in cases {
        let (refused, words) = refused(running.wire.install(&blob).unwrap());
        assert_eq!(refused, number, "{name}: {words}");
        assert!(words.len() > 10, "{name}: {words}");
        assert_eq!(running.state().unwrap(), before, "{name}");
    }
    // Too long for the flash: whoever writes such a length has to sign it, or it is refused for that.
    let (number, _) = refused(running.wire.install(&with_length(1 << 20)).unwrap());
    assert_eq!(number, 36);
    assert_eq!(running.wire.install(&later), Ok(installed(6)));
}

fn a_policy_with_more_rows_than_there_is_room_for_is_refused(language: Language) {
    let (_, mut bench) = panel(language);
    let folder = std::env::temp_dir().join(format!("keyholder-large-{language:?}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("large.toml");
    let contact =
        |user| format!("[[contact]]\nuser = {user}\nname = \"C{user}\"\npermissions = [\"anytime\"]\ncode = \"{}\"\n\n", 10_000 + user);
    let text = std::fs::read_to_string(file("demo/bookshop.toml")).unwrap();
    std::fs::write(&path, text + &(100..600).map(contact).collect::<String>()).unwrap();
    let blob = Site::of(&path, language).unwrap().blob(1).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let running = bench.running().unwrap();
    let (number, words) = refused(running.wire.install(&blob).unwrap());
    assert_eq!(number, 39, "{words}");
    assert!(words.contains("256"), "{words}");
    assert!(!running.state().unwrap().has_policy);
}

fn a_blob_that_is_cut_off_half_way_leaves_the_policy_that_was_there(language: Language) {
    let (site, mut bench) = panel(language);
    let (first, second) = (site.blob(1).unwrap(), site.blob(2).unwrap());
    let running = bench.running().unwrap();
    assert_eq!(running.wire.install(&first), Ok(installed(1)));
    send_half(running, &second);
    assert_eq!(running.state().unwrap().sequence, 1);
    // It cannot be ended, nor gone on with in the wrong place.
    let part = Request::BlobPart { offset: 7, bytes: &second[HEAD_LENGTH..HEAD_LENGTH + 8] };
    assert_eq!(running.wire.ask(&part), Ok(Answer::Failed(Failure::OutOfOrder)));
    assert_eq!(running.wire.ask(&Request::BlobEnd), Ok(Answer::Failed(Failure::OutOfOrder)));
    send_half(running, &second);
    assert_eq!(refused(running.wire.ask(&Request::BlobEnd).unwrap()).0, 32);
    assert_eq!(running.state().unwrap().sequence, 1);
    // Nor does it help to pull the plug in the middle.
    send_half(running, &second);
    let running = bench.start(Start::BENCH).unwrap();
    assert_eq!(running.started.sequence, 1);
    assert_eq!(running.wire.install(&second), Ok(installed(2)));
}

/// Sends a head and the first part.
fn send_half(running: &mut Running, blob: &[u8]) {
    let (head, policy) = blob.split_at(HEAD_LENGTH);
    assert_eq!(running.wire.ask(&Request::BlobBegin(head)), Ok(Answer::Done));
    let bytes = &policy[..LONGEST_PART.min(policy.len() / 2)];
    assert_eq!(running.wire.ask(&Request::BlobPart { offset: 0, bytes }), Ok(Answer::Done));
}

fn a_broken_frame_is_not_obeyed_and_the_next_good_one_is(language: Language) {
    let (site, mut bench) = panel(language);
    let running = bench.running().unwrap();
    let blob = site.blob(1).unwrap();
    let good = Frame::new(kind::BLOB_BEGIN, 9, Payload::from_slice(&blob[..HEAD_LENGTH]).unwrap()).to_bytes();
    let mut broken = good.clone();
    broken[60] ^= 4;
    running.wire.send(&broken).unwrap();
    assert_eq!(running.wire.answer_to(0), Ok(Answer::Failed(Failure::Broken)));
    assert_eq!(running.wire.ask(&Request::BlobEnd), Ok(Answer::Failed(Failure::OutOfOrder)), "nothing had begun");
    // A frame that is cut off is given up after a while; noise in between does no harm.
    running.wire.send(&good[..50]).unwrap();
    thread::sleep(Duration::from_millis(u64::from(PATIENCE) * 3 / 2));
    running.wire.send(b"\x00\xffnoise").unwrap();
    assert_eq!(running.wire.install(&blob), Ok(installed(1)));
}

fn a_question_that_comes_twice_is_carried_out_once(language: Language) {
    let (site, mut bench) = panel(language);
    let running = bench.running().unwrap();
    let blob = site.blob(1).unwrap();
    let (head, policy) = blob.split_at(HEAD_LENGTH);
    running.wire.ask(&Request::BlobBegin(head)).unwrap();
    let (kind, payload) = Request::BlobPart { offset: 0, bytes: &policy[..100] }.write();
    let frame = Frame::new(kind, 200, payload).to_bytes();
    for _ in 0..3 {
        running.wire.send(&frame).unwrap();
        assert_eq!(running.wire.answer_to(200), Ok(Answer::Done));
    }
    for (number, bytes) in policy[100..].chunks(LONGEST_PART).enumerate() {
        let offset = 100 + (number * LONGEST_PART) as u32;
        assert_eq!(running.wire.ask(&Request::BlobPart { offset, bytes }), Ok(Answer::Done));
    }
    assert_eq!(running.wire.ask(&Request::BlobEnd), Ok(installed(1)));
}

fn a_question_that_makes_no_sense_is_answered_and_not_obeyed(language: Language) {
    let (_, mut bench) = panel(language);
    let wire = &mut bench.running().unwrap().wire;
    for (kind, payload) in [(0x7f, &b""[..]), (kind::CLOCK, b"short"), (kind::OPEN_CLOSE, &[9; 40]), (kind::STATE, b"too long")] {
        wire.send(&Frame::new(kind, 77, Payload::from_slice(payload).unwrap()).to_bytes()).unwrap();
        assert_eq!(wire.answer_to(77), Ok(Answer::Failed(Failure::NotUnderstood)), "{kind:#04x}");
    }
}
