//! The jobs, which run on a schedule in the cloud and in the local server.

use std::convert::Infallible;
use std::time::Duration;

use functions::JOBS;
use shared::clock::{Deadline, Random};
use shared::host::run_once;
use shared::service::Worker;
use tokio::time::sleep;

/// The time between the end of the runs and the begin of the next ones. Shorter than in the cloud, because a run that
/// finds nothing to do costs nothing here.
const PAUSE: Duration = Duration::from_secs(10);
/// The maximum duration of a run.
const MAX_RUN_DURATION: Duration = Duration::from_mins(1);

/// Returns a log that leaves out the lines of runs that found nothing to do, of which there is one every few seconds.
pub(crate) fn without_idle_runs(log: impl Fn(&str) + Send + Sync) -> impl Fn(&str) + Send + Sync {
    move |line| {
        if !(line.contains("\"WriteUnits\":0.0,") && line.contains("\"Backlog\":0,")) {
            log(line);
        }
    }
}

/// Runs all jobs again and again, one after the other.
pub(crate) async fn run_jobs(worker: &Worker) -> Infallible {
    let random = Random::system();
    loop {
        for job in JOBS {
            // The line of the run has the outcome.
            let _ = run_once(worker, job, &random.uuid(), Deadline::after(MAX_RUN_DURATION)).await;
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use shared::clock::Timestamp;
    use shared::metrics::{JobRecord, Namespace};
    use shared::table::Usage;

    use super::{Duration, without_idle_runs};

    fn line(write_units: f64, backlog: Option<usize>) -> String {
        let run = JobRecord {
            at: Timestamp::UNIX_EPOCH,
            job: "sweep-deletions",
            run: "run",
            latency: Duration::from_millis(10),
            usage: Usage { read_units: 16.0, write_units, ..Usage::default() },
            backlog: backlog.map(|left| (left, Duration::ZERO)),
            failed: 0,
        };
        run.line(Some(&Namespace::parse("namespace").expect("a namespace")))
    }

    #[test]
    fn only_runs_that_found_nothing_to_do_are_left_out() {
        for (line, is_logged) in [
            (line(0.0, Some(0)), false),
            (line(2.0, Some(0)), true),
            (line(0.5, Some(0)), true),
            (line(10.0, Some(0)), true),
            (line(0.0, Some(1)), true),
            (line(0.0, Some(10)), true),
            // It has failed.
            (line(0.0, None), true),
            (r#"{"operation":"get-client","status":200,"WriteUnits":0.0,"ColdStarts":0}"#.to_owned(), true),
        ] {
            let logged = Mutex::new(Vec::new());
            without_idle_runs(|line| logged.lock().expect("a log").push(line.to_owned()))(&line);
            let expected = if is_logged { vec![line.clone()] } else { Vec::new() };
            assert_eq!(logged.into_inner().expect("a log"), expected, "{line}");
        }
    }
}
