//! Every container meets the restricted Pod Security Standard, and asks for no more than it needs.

use serde_json::{Value, json};

use crate::world::{CART, CONTROL_PLANE, Charts, Container, containers};

fn is_restricted(pod: &Value, container: &Container) {
    let spec = &container.spec;
    let context = &spec["securityContext"];
    let name = &spec["name"];
    assert_eq!(context["allowPrivilegeEscalation"], false, "{name}");
    assert_eq!(context["readOnlyRootFilesystem"], true, "{name}");
    assert_eq!(context["runAsNonRoot"], true, "{name}");
    assert_eq!(
        context["capabilities"],
        json!({ "drop": ["ALL"] }),
        "{name}"
    );
    assert!(context["privileged"].is_null(), "{name}");
    let seccomp = [context, &pod["securityContext"]].map(|at| at["seccompProfile"]["type"].clone());
    assert!(seccomp.contains(&json!("RuntimeDefault")), "{name}");
    let user = [context, &pod["securityContext"]].map(|at| at["runAsUser"].clone());
    assert!(user.iter().any(|user| user.as_u64() > Some(0)), "{name}");
}

fn check(chart: &str) {
    let charts = Charts::new();
    for values in charts.examples(chart) {
        let rendered = charts.render(chart, &values);
        for pod in rendered.pods() {
            for field in ["hostNetwork", "hostPID", "hostIPC"] {
                assert!(pod[field].is_null(), "{field}");
            }
            let volumes = pod["volumes"].as_array().cloned().unwrap_or_default();
            assert!(volumes.iter().all(|volume| volume["hostPath"].is_null()));
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            for container in containers(pod) {
                is_restricted(pod, &container);
            }
        }
    }
}

#[test]
fn every_container_of_the_control_plane_is_restricted() {
    check(CONTROL_PLANE);
}

#[test]
fn every_container_beside_a_service_is_restricted() {
    check(CART);
}

#[test]
fn our_containers_say_what_they_need() {
    let charts = Charts::new();
    let control_plane = charts.render(CONTROL_PLANE, "--set insecure=true");
    let cart = charts.render(CART, "");
    for container in [
        control_plane.container("control-plane"),
        control_plane.container("list"),
        cart.container("dualwrite-sidecar"),
    ] {
        let resources = &container.spec["resources"];
        assert!(resources["requests"]["cpu"].is_string(), "{resources}");
        assert!(resources["requests"]["memory"].is_string(), "{resources}");
        assert!(resources["limits"]["memory"].is_string(), "{resources}");
    }
    for pod in control_plane.pods() {
        assert_eq!(
            pod["automountServiceAccountToken"], false,
            "nobody asks the cluster"
        );
    }
}

#[test]
fn the_volume_of_the_store_belongs_to_the_user_of_the_process() {
    let charts = Charts::new();
    let rendered = charts.render(CONTROL_PLANE, "--set insecure=true");
    let pod = &rendered.object("StatefulSet")["spec"]["template"]["spec"]["securityContext"];
    assert_eq!(pod["fsGroup"], pod["runAsGroup"]);
    assert_eq!(pod["runAsUser"], 65532);
}
