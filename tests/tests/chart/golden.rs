//! What is rendered by default, as it would be read in a review.

use crate::world::{CART, CONTROL_PLANE, Charts};

#[test]
fn the_control_plane_by_default() {
    let text = Charts::new()
        .render(CONTROL_PLANE, "--set insecure=true")
        .text;
    insta::assert_snapshot!(text);
}

#[test]
fn a_deployment_with_the_sidecar_by_default() {
    let text = Charts::new().render_text(CART, "--kube-version 1.33.0");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_said_after_an_installation() {
    let charts = Charts::new();
    let notes = |arguments: &str| {
        let line =
            format!("install trial {CONTROL_PLANE} --namespace shop --dry-run=client {arguments}");
        let said = charts.run(&line).unwrap();
        said.split("NOTES:\n").nth(1).unwrap().trim().to_owned()
    };
    insta::assert_snapshot!(notes("--set insecure=true"));
    let trial = notes("--values helm/dualwrite/ci/trial-values.yaml");
    for warning in ["NO network policy", "LOST when the pod goes"] {
        assert!(trial.contains(warning), "{trial}");
    }
}
