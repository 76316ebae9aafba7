//! Values that cannot be right are refused before anything is installed, and the message says which
//! and why.

use crate::world::{CART, CONTROL_PLANE, Charts};

#[test]
fn listening_beyond_loopback_must_be_said_aloud() {
    let charts = Charts::new();
    for arguments in ["", "--set insecure=false"] {
        let said = charts.refuse(CONTROL_PLANE, arguments);
        for part in [
            "insecure is not set",
            "no identities",
            "--set insecure=true",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn wrong_values_of_the_control_plane_are_named() {
    let charts = Charts::new();
    for (wrong, named) in [
        ("--set insecure=yes", "/insecure"),
        ("--set replicas=3", "replicas"),
        ("--set image.registry=example.org", "registry"),
        ("--set image.repository=", "/image/repository"),
        ("--set image.digest=sha256:abc", "/image/digest"),
        ("--set image.pullPolicy=Sometimes", "/image/pullPolicy"),
        ("--set heartbeatInterval=5s", "/heartbeatInterval"),
        ("--set persistence.size=big", "/persistence/size"),
        (
            "--set persistence.accessMode=ReadWriteMany",
            "/persistence/accessMode",
        ),
        ("--set service.grpcPort=74000", "/service/grpcPort"),
        ("--set service.type=ExternalName", "/service/type"),
        (
            "--set terminationGracePeriodSeconds=5",
            "/terminationGracePeriodSeconds",
        ),
        ("--set podLabels.tier=1", "/podLabels/tier"),
        (
            "--set networkPolicy.grpcFrom=everybody",
            "/networkPolicy/grpcFrom",
        ),
        (
            "--set resources.limits.memory=lots",
            "/resources/limits/memory",
        ),
    ] {
        // What `insecure` says comes last, so that the schema alone refuses.
        let arguments = format!("--set insecure=true {wrong}");
        let said = charts.refuse(CONTROL_PLANE, &arguments);
        assert!(
            said.contains("schema") && said.contains(named),
            "{wrong}: {said}"
        );
    }
}

#[test]
fn wrong_values_of_the_sidecar_are_named_in_the_chart_that_uses_it() {
    let charts = Charts::new();
    for (wrong, named) in [
        ("nativ=always", "nativ"),
        ("native=true", "/native"),
        ("service=Cart", "/service"),
        ("databases.urlsFrom=vault", "/databases/urlsFrom"),
        ("databases.legacyUrl=postgresql://u:p@h/d", "legacyUrl"),
        ("databases.secret=Not_a_name", "/databases/secret"),
        ("install=sometimes", "/install"),
        ("user=0", "/user"),
        ("socket.folder=relative", "/socket/folder"),
    ] {
        let said = charts.refuse(CART, &format!("--set dualwrite-sidecar.{wrong}"));
        assert!(
            said.contains("dualwrite-sidecar") && said.contains(named),
            "{wrong}: {said}"
        );
    }
}

#[test]
fn what_the_sidecar_cannot_do_without_is_asked_for() {
    let charts = Charts::new();
    for (without, asked) in [
        (
            "--set dualwrite-sidecar.service=",
            "dualwrite-sidecar.service is not set",
        ),
        (
            "--set dualwrite-sidecar.databases.secret=",
            "dualwrite-sidecar.databases.secret is not set",
        ),
        (
            "--set dualwrite-sidecar.databases.legacyKey=,dualwrite-sidecar.databases.newKey=",
            "neither legacyKey nor newKey",
        ),
    ] {
        let said = charts.refuse(CART, without);
        assert!(said.contains(asked), "{without}: {said}");
    }
}
