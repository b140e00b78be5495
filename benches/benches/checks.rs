//! Checks and installation with criterion, and then tables of ratios: every question asked of the core and of the two floors in the same run.

#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has to stop")]

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use criterion::{BatchSize, Criterion};
use keyholder::OpenClose;
use keyholder::time::Time;
use keyholder_benches::floor;
use keyholder_benches::question::{Question, Remote, engineer_checks, firmware_checks, identifications, user_checks};
use keyholder_benches::site::{AnyPanel, Panel64, Panel256, Panel1000, Panel1000Standard, Rows, Size, panel};
use keyholder_measure_script::Asks;

/// How often a question is asked before whoever answers it starts afresh: some are asked at later and later times.
const ROUND: u32 = 16_000;

/// Somebody who answers questions: the core or a floor.
trait Answers {
    fn ask(&mut self, request: &OpenClose<'_>, time: Time);
    fn start_afresh(&mut self);
}

struct Core<P> {
    panel: Box<P>,
    fresh: Box<P>,
}

impl<P: AnyPanel> Core<P> {
    fn new(rows: &Rows) -> Self {
        let panel = panel::<P>(rows);
        Self { fresh: panel.clone(), panel }
    }
}

impl<P: AnyPanel> Answers for Core<P> {
    fn ask(&mut self, request: &OpenClose<'_>, time: Time) {
        black_box(self.panel.open_close(black_box(request), black_box(time)));
    }

    fn start_afresh(&mut self) {
        self.panel.clone_from(&self.fresh);
    }
}

struct RustFloor<'a> {
    rows: &'a Rows,
    floor: floor::Floor<'a>,
}

impl Answers for RustFloor<'_> {
    fn ask(&mut self, request: &OpenClose<'_>, time: Time) {
        black_box(self.floor.open_close(black_box(request), black_box(time)));
    }

    fn start_afresh(&mut self) {
        self.floor = floor::Floor::new(self.rows);
    }
}

struct CFloor<'a> {
    rows: &'a Rows,
    floor: floor::c::Floor,
}

impl Answers for CFloor<'_> {
    fn ask(&mut self, request: &OpenClose<'_>, time: Time) {
        black_box(self.floor.open_close(black_box(request), black_box(time)));
    }

    fn start_afresh(&mut self) {
        self.floor = floor::c::Floor::new(self.rows);
    }
}

fn floors(rows: &Rows) -> (RustFloor<'_>, CFloor<'_>) {
    (RustFloor { rows, floor: floor::Floor::new(rows) }, CFloor { rows, floor: floor::c::Floor::new(rows) })
}

/// The time that asking `question` so many times takes.
fn time_of(answers: &mut dyn Answers, question: &Question, count: u64) -> Duration {
    let request = question.request();
    let mut total = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        answers.start_afresh();
        for number in 0..question.prior {
            answers.ask(&request, question.time(number));
        }
        let asked = left.min(u64::from(ROUND)) as u32;
        let start = Clock::now();
        for number in question.prior..question.prior + asked {
            answers.ask(&request, question.time(number));
        }
        total += start.elapsed();
        left -= u64::from(asked);
    }
    total
}

/// Nanoseconds of one answer: the best of many rounds, for everything else on the machine only adds to it.
fn best_of(answers: &mut dyn Answers, question: &Question) -> f64 {
    const ASKED: u32 = 4_000;
    let mut best = f64::MAX;
    for _ in 0..20 {
        let round = time_of(answers, question, u64::from(ASKED)).as_secs_f64() * 1e9 / f64::from(ASKED);
        best = best.min(round);
    }
    best
}

fn bench_questions(criterion: &mut Criterion, group: &str, answers: &mut dyn Answers, questions: &[Question]) {
    let mut group = criterion.benchmark_group(group);
    for question in questions {
        group.bench_function(question.name, |bencher| bencher.iter_custom(|count| time_of(answers, question, count)));
    }
}

fn chosen(questions: Vec<Question>, names: &[&str]) -> Vec<Question> {
    questions.into_iter().filter(|question| names.contains(&question.name)).collect()
}

fn with_criterion(criterion: &mut Criterion) {
    let rows = Rows::of(&Size::large(999));
    let users = ["first contact", "last contact", "absent, above all", "in hours, late", "out of hours", "suspended"];
    let codes = ["first contact's code", "last contact's code", "nobody's code"];
    for (kind, questions) in [("user check", chosen(user_checks(999), &users)), ("code", chosen(identifications(999), &codes))] {
        let (mut in_rust, mut in_c) = floors(&rows);
        bench_questions(criterion, &format!("{kind}, core"), &mut Core::<Panel1000>::new(&rows), &questions);
        bench_questions(criterion, &format!("{kind}, floor in Rust"), &mut in_rust, &questions);
        bench_questions(criterion, &format!("{kind}, floor in C"), &mut in_c, &questions);
    }

    let mut asked = panel::<Panel1000>(&rows);
    let mut group = criterion.benchmark_group("engineer check");
    for question in engineer_checks().into_iter().filter(Remote::is_plain) {
        group.bench_function(question.name, |bencher| bencher.iter(|| asked.engineer(black_box(&question.request), question.time)));
    }
    group.finish();
    let mut group = criterion.benchmark_group("firmware check");
    for question in firmware_checks().into_iter().filter(Remote::is_plain) {
        group.bench_function(question.name, |bencher| bencher.iter(|| asked.update(black_box(&question.request), question.time)));
    }
    group.finish();

    let blob = rows.blob(1);
    let fresh = Panel1000::fresh();
    criterion.bench_function("install 999 contacts", |bencher| {
        bencher.iter_batched_ref(|| fresh.clone(), |panel| AnyPanel::install(&mut **panel, black_box(&blob)), BatchSize::LargeInput);
    });
}

/// Prints a line for every question: nanoseconds, and their ratios to those of the floors.
fn print_ratios(title: &str, questions: &[Question], core: &mut dyn Answers, rows: &Rows) {
    let (mut in_rust, mut in_c) = floors(rows);
    println!("\n{title:<28} {:>9} {:>9} {:>9} {:>9} {:>9}", "core ns", "Rust ns", "C ns", "to Rust", "to C");
    let mut columns = [vec![], vec![], vec![]];
    for question in questions {
        let times = [best_of(core, question), best_of(&mut in_rust, question), best_of(&mut in_c, question)];
        let [core, rust, c] = times;
        println!("{:<28} {core:>9.1} {rust:>9.1} {c:>9.1} {:>8.2}x {:>8.2}x", question.name, core / rust, core / c);
        for (column, time) in columns.iter_mut().zip(times) {
            column.push(time);
        }
    }
    let mean = |column: &[f64]| column.iter().sum::<f64>() / column.len() as f64;
    let spread = |column: &[f64]| column.iter().copied().fold(0.0, f64::max) / column.iter().copied().fold(f64::MAX, f64::min);
    let [core, rust, c] = columns;
    let ratios = (mean(&core) / mean(&rust), mean(&core) / mean(&c));
    println!("{:<28} {:>9.1} {:>9.1} {:>9.1} {:>8.2}x {:>8.2}x", "mean", mean(&core), mean(&rust), mean(&c), ratios.0, ratios.1);
    println!("{:<28} {:>8.2}x {:>8.2}x {:>8.2}x", "slowest to fastest", spread(&core), spread(&rust), spread(&c));
}

fn print_size<P: AnyPanel>(name: &str, size: &Size) {
    let mut core = Core::<P>::new(&Rows::of(size));
    let mean = |core: &mut Core<P>, questions: &[Question]| {
        questions.iter().map(|question| best_of(core, question)).sum::<f64>() / questions.len() as f64
    };
    let users = mean(&mut core, &user_checks(size.contacts));
    let codes: Vec<_> =
        identifications(size.contacts).into_iter().filter(|question| matches!(question.asked.asks, Asks::Code(..))).collect();
    println!("{name:<40} {users:>12.1} {:>12.1}", mean(&mut core, &codes));
}

/// Microseconds of the fastest of many installations.
fn best_install(blob: &[u8]) -> f64 {
    let mut best = f64::MAX;
    let fresh = Panel1000::fresh();
    let mut panel = fresh.clone();
    for _ in 0..2_000 {
        panel.clone_from(&fresh);
        let start = Clock::now();
        AnyPanel::install(&mut *panel, black_box(blob));
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
    }
    best
}

fn main() {
    if !std::env::args().any(|argument| argument == "--ratios-only") {
        let times = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(700));
        with_criterion(&mut times.configure_from_args());
    }
    let (large, standard) = (Rows::of(&Size::large(999)), Rows::of(&Size::standard(999)));
    print_ratios("user check", &user_checks(999), &mut Core::<Panel1000>::new(&large), &large);
    print_ratios("code, its HMAC included", &identifications(999), &mut Core::<Panel1000>::new(&large), &large);
    // Standard tables have no room for layers of every kind.
    let common: Vec<_> = user_checks(999).into_iter().filter(|question| !question.name.ends_with("layer")).collect();
    print_ratios("user check, standard tables", &common, &mut Core::<Panel1000Standard>::new(&standard), &standard);

    println!("\n{:<40} {:>12} {:>12}", "mean over the questions, ns", "user check", "code");
    print_size::<Panel64>("64 contacts", &Size::large(64));
    print_size::<Panel256>("256 contacts", &Size::large(256));
    print_size::<Panel1000>("999 contacts", &Size::large(999));
    print_size::<Panel1000Standard>("999 contacts, standard tables", &Size::standard(999));

    let blob = large.blob(1);
    println!("\ninstalling 999 contacts ({} bytes): {:.1} us", blob.len(), best_install(&blob));
}
