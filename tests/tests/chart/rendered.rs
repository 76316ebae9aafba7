//! What is rendered is what Kubernetes takes, in each version that the charts are for.

use crate::tools::validate;
use crate::world::{CART, CONTROL_PLANE, Charts, LIBRARY};

/// The oldest version that the charts are for, the last before and the first with sidecars of
/// Kubernetes' own, one between, and the newest.
const VERSIONS: [&str; 5] = ["1.25", "1.28", "1.29", "1.33", "1.37"];

fn every_version_takes(chart: &str) {
    let charts = Charts::new();
    for version in VERSIONS {
        let examples = charts.examples(chart).into_iter();
        let rendered = examples.map(|values| {
            let arguments = format!("{values} --kube-version {version}.0");
            charts.render_text(chart, &arguments)
        });
        // All at once, since it takes a while to start.
        if let Err(said) = validate(version, &rendered.collect::<Vec<_>>()) {
            panic!("{chart} for Kubernetes {version}:\n{said}");
        }
    }
}

#[test]
fn every_version_takes_the_control_plane() {
    every_version_takes(CONTROL_PLANE);
}

#[test]
fn every_version_takes_a_deployment_with_the_sidecar() {
    every_version_takes(CART);
}

#[test]
fn what_kubernetes_does_not_know_is_noticed() {
    let charts = Charts::new();
    let good = charts.render_text(CONTROL_PLANE, "--set insecure=true");
    for (right, wrong) in [
        ("replicas: 1", "replicas: one"),
        ("automountServiceAccountToken", "automountToken"),
    ] {
        let said = validate("1.37", &[good.replace(right, wrong)]).unwrap_err();
        assert!(
            said.contains("StatefulSet") || said.contains("statefulset"),
            "{said}"
        );
    }
}

#[test]
fn helm_finds_no_fault_with_the_charts() {
    let charts = Charts::new();
    for chart in [CONTROL_PLANE, CART] {
        for values in charts.examples(chart) {
            let said = charts.run(&format!("lint --strict {chart} {values}"));
            said.unwrap_or_else(|said| panic!("{chart} {values}:\n{said}"));
        }
    }
    charts.run(&format!("lint --strict {LIBRARY}")).unwrap();
}

#[test]
fn an_older_kubernetes_is_told_that_it_is_too_old() {
    let arguments = "--set insecure=true --kube-version 1.24.0";
    let said = Charts::new().refuse(CONTROL_PLANE, arguments);
    assert!(said.contains(">=1.25.0"), "{said}");
}

#[test]
fn the_control_plane_has_its_volume_its_policy_and_its_account() {
    let charts = Charts::new();
    let rendered = charts.render(CONTROL_PLANE, "--set insecure=true");
    let claim = rendered.object("PersistentVolumeClaim");
    let annotations = &claim["metadata"]["annotations"];
    assert_eq!(annotations["helm.sh/resource-policy"], "keep");
    let set = &rendered.object("StatefulSet")["spec"];
    assert_eq!(set["replicas"], 1);
    let volume = &set["template"]["spec"]["volumes"][0];
    let claimed = &volume["persistentVolumeClaim"]["claimName"];
    assert_eq!(claimed, &claim["metadata"]["name"]);
    assert_eq!(
        rendered.object("ServiceAccount")["automountServiceAccountToken"],
        false
    );
    let policy = &rendered.object("NetworkPolicy")["spec"];
    let empty = serde_json::json!([]);
    assert_eq!(policy["egress"], empty, "it connects to nobody");
    assert!(!rendered.has("PodDisruptionBudget"));
}

#[test]
fn a_claim_of_somebody_elses_is_used_and_none_is_made() {
    let charts = Charts::new();
    let arguments = "--set insecure=true,persistence.existingClaim=restored";
    let rendered = charts.render(CONTROL_PLANE, arguments);
    assert!(!rendered.has("PersistentVolumeClaim"));
    let volume = &rendered.object("StatefulSet")["spec"]["template"]["spec"]["volumes"][0];
    assert_eq!(volume["persistentVolumeClaim"]["claimName"], "restored");
}

#[test]
fn the_policy_lets_in_the_sidecars_of_the_library() {
    let charts = Charts::new();
    let rendered = charts.render(CONTROL_PLANE, "--set insecure=true");
    let ingress = &rendered.object("NetworkPolicy")["spec"]["ingress"][0];
    let wanted = &ingress["from"][0]["podSelector"]["matchLabels"];
    let cart = charts.render(CART, "");
    let labels = &cart.object("Deployment")["spec"]["template"]["metadata"]["labels"];
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&labels[name], value, "{name}");
    }
}

#[test]
fn with_nobody_to_let_in_the_policy_lets_nobody_in() {
    let charts = Charts::new();
    let arguments = "--set insecure=true --set-json networkPolicy.grpcFrom=[]";
    let rendered = charts.render(CONTROL_PLANE, arguments);
    let ingress = &rendered.object("NetworkPolicy")["spec"]["ingress"];
    let rules = ingress.as_array().unwrap();
    assert_eq!(rules.len(), 1, "the release's own test alone: {rules:?}");
    assert!(rules.iter().all(|rule| rule["from"].is_array()));
}

#[test]
fn a_digest_wins_over_a_tag() {
    let charts = Charts::new();
    let digest = format!("sha256:{}", "a".repeat(64));
    let arguments = format!("--set insecure=true,image.tag=v9,image.digest={digest}");
    let image = charts
        .render(CONTROL_PLANE, &arguments)
        .container("control-plane")
        .spec;
    assert_eq!(image["image"], format!("dualwrite@{digest}"));
}
