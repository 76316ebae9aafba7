//! The page: every migration with its fleet and what happened last. Plain
//! HTML that reloads itself.

mod events;
mod fleet;
mod migration;

use std::fmt::Write;

use axum::extract::State;
use axum::response::Html;
use dualwrite_control_app::ControlPlane;
use dualwrite_control_app::model::{MigrationView, PageSize};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::html::Text;

/// Seconds after which a browser loads the page again.
const RELOAD: u32 = 5;

/// Migrations on the page. Each costs three short reads, and nobody looks
/// through more; the command line lists them all.
const MIGRATIONS: u32 = 50;

/// Events shown of each migration.
const EVENTS: u32 = 8;

const STYLE: &str = include_str!("page/style.css");

/// How the page looks.
pub(crate) async fn style() -> ([(http::HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// The page.
pub(crate) async fn page(State(plane): State<ControlPlane>) -> (StatusCode, Html<String>) {
    match body(&plane).await {
        Ok(body) => (StatusCode::OK, Html(around(&body))),
        Err(why) => {
            let body = format!("<p class=\"bad\">Nothing can be shown: {}</p>", Text(why));
            (StatusCode::SERVICE_UNAVAILABLE, Html(around(&body)))
        }
    }
}

fn around(body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"refresh\" content=\"{RELOAD}\">\n\
         <title>dualwrite</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n\
         <body>\n<h1>dualwrite</h1>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

async fn body(plane: &ControlPlane) -> Result<String, String> {
    let page = plane
        .list(None, PageSize::new(MIGRATIONS))
        .await
        .map_err(|e| e.to_string())?;
    if page.migrations.is_empty() {
        return Ok(
            "<p>There is no migration yet: <code>dualwrite apply -f FILE</code> \
                   makes the first one.</p>\n"
                .to_owned(),
        );
    }
    let mut body = String::new();
    for view in &page.migrations {
        body.push_str(&section(plane, view).await?);
    }
    if page.next.is_some() {
        // Writing to a string cannot fail.
        writeln!(
            body,
            "<p>There are more than {MIGRATIONS}: see <code>dualwrite list</code>.</p>"
        )
        .ok();
    }
    Ok(body)
}

async fn section(plane: &ControlPlane, view: &MigrationView) -> Result<String, String> {
    let name = &view.migration.name;
    let listed = plane.list_events(name, None, PageSize::new(EVENTS)).await;
    let events = listed.map_err(|error| error.to_string())?.events;
    // Deleted since it was listed: then there is no fleet to show.
    let sidecars = plane.list_sidecars(name).await.unwrap_or_default();
    Ok(format!(
        "<section>\n{}{}{}</section>\n",
        migration::told(view),
        fleet::told(&sidecars, view.migration.revision),
        events::told(&events),
    ))
}
