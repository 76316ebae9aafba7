//! What the library adds to a pod.

use serde_json::Value;

use crate::world::{CART, Charts, Rendered};

const SIDECAR: &str = "dualwrite-sidecar";

#[test]
fn it_is_native_where_kubernetes_knows_such_containers() {
    let charts = Charts::new();
    for (version, native, is_native) in [
        ("1.29.0", "auto", true),
        ("1.31.4-eks-2", "auto", true),
        ("1.28.9", "auto", false),
        ("1.28.9", "always", true),
        ("1.33.0", "never", false),
    ] {
        let arguments = format!("--kube-version {version} --set dualwrite-sidecar.native={native}");
        let container = charts.render(CART, &arguments).container(SIDECAR);
        assert_eq!(container.is_init, is_native, "{arguments}");
        let restart = &container.spec["restartPolicy"];
        assert_eq!(restart == "Always", is_native, "{arguments}: {restart}");
        assert!(container.spec["startupProbe"].is_object(), "{arguments}");
    }
}

/// Names of what a container mounts, each of which must be a volume of the pod.
fn mounts(rendered: &Rendered, name: &str) -> Vec<String> {
    let pod = rendered.pods()[0];
    let volumes = pod["volumes"].as_array().unwrap();
    let container = rendered.container(name).spec;
    let mounts = container["volumeMounts"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let named = mounts
        .iter()
        .map(|mount| mount["name"].as_str().unwrap().to_owned());
    let named: Vec<String> = named.collect();
    for name in &named {
        let is_there = volumes.iter().any(|volume| volume["name"] == **name);
        assert!(is_there, "{name} is mounted and is no volume");
    }
    named
}

#[test]
fn urls_stand_in_files_that_the_sidecar_alone_sees() {
    let rendered = Charts::new().render(CART, "");
    let sidecar = rendered.container(SIDECAR);
    assert!(mounts(&rendered, SIDECAR).contains(&"dualwrite-databases".to_owned()));
    assert!(!mounts(&rendered, "cart").contains(&"dualwrite-databases".to_owned()));
    assert_eq!(sidecar.env("LEGACY_DATABASE_URL"), None);
    let file = sidecar.env("LEGACY_DATABASE_URL_FILE").unwrap();
    let folder = mount_path(&sidecar.spec, "dualwrite-databases");
    let pod = rendered.pods()[0];
    let volumes = pod["volumes"].as_array().unwrap();
    let volume = volumes
        .iter()
        .find(|volume| volume["name"] == "dualwrite-databases")
        .unwrap();
    let item = &volume["secret"]["items"][0];
    assert_eq!(file, format!("{folder}/{}", item["path"].as_str().unwrap()));
    assert_eq!(item["key"], "legacy-database-url");
}

fn mount_path(container: &Value, volume: &str) -> String {
    let mounts = container["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["name"] == volume).unwrap();
    mount["mountPath"].as_str().unwrap().to_owned()
}

#[test]
fn urls_can_come_from_the_environment_as_well() {
    let rendered = Charts::new().render(CART, "--set dualwrite-sidecar.databases.urlsFrom=env");
    let sidecar = rendered.container(SIDECAR);
    assert!(!mounts(&rendered, SIDECAR).contains(&"dualwrite-databases".to_owned()));
    let env = sidecar.spec["env"].as_array().unwrap();
    for (variable, key) in [
        ("LEGACY_DATABASE_URL", "legacy-database-url"),
        ("NEW_DATABASE_URL", "new-database-url"),
    ] {
        let found = env.iter().find(|entry| entry["name"] == variable).unwrap();
        let source = &found["valueFrom"]["secretKeyRef"];
        assert_eq!(source["name"], "cart-databases");
        assert_eq!(source["key"], key);
    }
}

#[test]
fn a_service_at_the_end_of_its_migration_has_no_legacy_url() {
    let charts = Charts::new();
    for urls_from in ["file", "env"] {
        let arguments = format!(
            "--set dualwrite-sidecar.databases.legacyKey=,dualwrite-sidecar.databases.urlsFrom={urls_from}"
        );
        let rendered = charts.render(CART, &arguments);
        let env = rendered.container(SIDECAR).environment();
        assert!(
            env.iter().all(|(name, _)| !name.starts_with("LEGACY")),
            "{env:?}"
        );
        assert!(
            !rendered.text.contains("legacy-database-url"),
            "{urls_from}"
        );
    }
}

#[test]
fn the_socket_is_in_a_folder_that_both_containers_have() {
    let charts = Charts::new();
    let arguments = "--set dualwrite-sidecar.socket.folder=/sockets";
    let rendered = charts.render(CART, arguments);
    for container in [SIDECAR, "cart"] {
        let spec = rendered.container(container).spec;
        assert_eq!(mount_path(&spec, "dualwrite-socket"), "/sockets");
    }
    let socket = rendered.container(SIDECAR).env("DUALWRITE_SOCKET");
    assert_eq!(socket.as_deref(), Some("/sockets/sidecar.sock"));
    let without = charts.render(CART, "--set dualwrite-sidecar.socket.enabled=false");
    assert_eq!(without.container(SIDECAR).env("DUALWRITE_SOCKET"), None);
    assert!(!without.text.contains("dualwrite-socket"));
}

#[test]
fn the_pod_is_given_time_for_the_sidecar_to_end() {
    let rendered = Charts::new().render(CART, "");
    let grace = rendered.pods()[0]["terminationGracePeriodSeconds"].as_u64();
    assert!(
        grace > Some(30),
        "the application's time and the sidecar's: {grace:?}"
    );
}

#[test]
fn a_chart_with_several_workloads_says_what_is_different() {
    let rendered = Charts::new().render(CART, "--values helm/examples/cart/ci/worker-values.yaml");
    let deployments = rendered
        .objects
        .iter()
        .filter(|object| object["kind"] == "Deployment");
    let services: Vec<String> = deployments
        .map(|deployment| {
            let pod = &deployment["spec"]["template"]["spec"];
            let containers = crate::world::containers(pod);
            let sidecar = containers
                .iter()
                .find(|container| container.spec["name"] == SIDECAR);
            sidecar.unwrap().env("DUALWRITE_SERVICE").unwrap()
        })
        .collect();
    assert_eq!(services, ["cart", "orders"]);
}
