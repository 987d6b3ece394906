//! `GET /metrics` for Prometheus, on a listener of its own: figures of cases (M30) and the state of
//! the queue. Counters and codes, nothing of a person.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::Engine;
use engine::views::Operation;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use recovery::figures::{HOURS, Numbers, Row, Spread};
use store::WebhookState;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// What one reading gives.
#[derive(Debug)]
struct Reading {
    rows: Vec<Row>,
    operation: Operation,
}

impl Reading {
    /// A gauge for each row of a name: its labels, and how many.
    fn counts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a Row, i64)> {
        let rows = self.rows.iter().filter(move |row| row.name == name);
        rows.map(|row| (row, row.count))
    }
}

/// Writes a gauge with one line for each set of labels.
fn gauge<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    lines: impl Iterator<Item = ([(&'static str, String); N], i64)>,
) -> Result<(), std::fmt::Error> {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in lines {
        metric.encode_family(&labels)?.encode_gauge(&value)?;
    }
    Ok(())
}

fn halves(label: &str) -> (String, String) {
    let (left, right) = label.split_once('.').unwrap_or((label, ""));
    (left.to_owned(), right.to_owned())
}

impl Collector for Reading {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let months = |(row, count): (&Row, i64), names: [&'static str; 2]| {
            let (left, right) = halves(&row.label);
            let labels = [
                ("month", row.month.clone()),
                ("policy", row.policy.clone()),
                (names[0], left),
                (names[1], right),
            ];
            (labels, count)
        };
        let cases = self.counts("end");
        let cases = cases.map(|row| months(row, ["account", "end"]));
        let help = "Cases by month of opening, policy, kind of account and end";
        gauge(&mut encoder, "regain_cases", help, cases)?;
        let asked = self.counts("asked");
        let asked = asked.map(|row| months(row, ["part", "reason"]));
        let help = "How often a part was asked for again, by reason";
        gauge(&mut encoder, "regain_asked_again", help, asked)?;
        for (name, metric, label, help) in [
            (
                "returned",
                "regain_returns",
                "by",
                "Returns by machine and by people, and cases with any",
            ),
            (
                "looks",
                "regain_second_looks",
                "result",
                "Second looks that agreed with the first, and that did not",
            ),
        ] {
            let lines = self.counts(name).map(|(row, count)| {
                let month = ("month", row.month.clone());
                let policy = ("policy", row.policy.clone());
                ([month, policy, (label, row.label.clone())], count)
            });
            gauge(&mut encoder, metric, help, lines)?;
        }
        self.times(&mut encoder)?;
        self.queue(&mut encoder)
    }
}

impl Reading {
    /// How long phases took, of the last thirteen months together.
    fn times(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let help = "How long phases took, cases of the last thirteen months";
        let kind = MetricType::Histogram;
        let mut metric = encoder.encode_descriptor("regain_phase_seconds", help, None, kind)?;
        for (phase, spread) in Numbers::of(&self.rows).times {
            let ends = HOURS.iter().map(|hours| *hours as f64 * HOUR);
            let classes: Vec<(f64, u64)> = ends
                .chain([f64::MAX])
                .zip(spread.counts.iter().copied())
                .collect();
            let seconds = seconds(&spread);
            let labels = [("phase", phase)];
            metric
                .encode_family(&labels)?
                .encode_histogram::<NoLabelSet>(seconds, spread.count(), &classes, None)?;
        }
        Ok(())
    }

    fn queue(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let operation = &self.operation;
        let parts = || operation.reviews.iter();
        let part = |name: &'static str, count: u64| ([("part", name.to_owned())], signed(count));
        let waiting = parts().map(|review| part(review.part, review.waiting));
        let help = "Cases that wait for a look";
        gauge(encoder, "regain_reviews_waiting", help, waiting)?;
        let overdue = parts().map(|review| part(review.part, review.overdue));
        let help = "Those of them that were promised for earlier";
        gauge(encoder, "regain_reviews_overdue", help, overdue)?;
        let job = |state: &str, count| ([("state", state.to_owned())], signed(count));
        let jobs = [
            job("due", operation.jobs_due),
            job("failing", operation.jobs_failing),
        ];
        let help = "Jobs that could run now, and jobs that failed in ten tries and more";
        gauge(encoder, "regain_jobs", help, jobs.into_iter())?;
        let securing = operation.securing;
        let securing = [
            job("waiting", securing.all.saturating_sub(securing.failed)),
            job("failed", securing.failed),
        ];
        let help =
            "Securing actions that were not read back as done yet, by how the last try ended";
        let name = "regain_securing_unverified";
        gauge(encoder, name, help, securing.into_iter())?;
        let late = [(
            [("queue", "jobs".to_owned())],
            operation.late.as_millis() / 1000,
        )];
        let help = "How late the next job is";
        gauge(encoder, "regain_late_seconds", help, late.into_iter())?;
        self.webhooks(encoder)
    }

    fn webhooks(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let lines = self.operation.webhooks.iter().flat_map(|endpoint| {
            let states = WebhookState::ALL.iter().zip(endpoint.counts);
            states.map(|(state, count)| {
                let name = ("endpoint", endpoint.name.clone());
                ([name, ("state", state.name().to_owned())], signed(count))
            })
        });
        let help = "Webhooks of the last 30 days, by endpoint and what became of them";
        gauge(encoder, "regain_webhooks", help, lines)
    }
}

fn seconds(spread: &Spread) -> f64 {
    spread.total_ms as f64 / 1000.0
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

async fn read(engine: &Engine) -> anyhow::Result<String> {
    let reading = Reading {
        rows: engine.figures().await?,
        operation: engine.operation().await?,
    };
    let mut registry = Registry::default();
    registry.register_collector(Box::new(reading));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

async fn show(State(engine): State<Engine>) -> Response {
    match read(&engine).await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!("metrics: {error:#}");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The one address of this listener.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .with_state(engine)
}

/// Serves until told to stop.
///
/// # Errors
/// When the address cannot be used, or the listener fails.
pub(crate) async fn serve(
    listen: SocketAddr,
    engine: &Engine,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("metrics.listen: {listen} cannot be used"))?;
    tracing::info!(address = %listener.local_addr()?, "metrics");
    let server = axum::serve(listener, router(engine.clone()));
    tokio::select! {
        result = server => result.context("the listener of metrics failed"),
        // Nobody waits for the end of a reading.
        _ = stop.wait_for(|stop| *stop) => Ok(()),
    }
}
