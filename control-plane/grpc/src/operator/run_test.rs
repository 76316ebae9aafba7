//! RunTest.

use dualwrite_control_app::ControlPlane;
use dualwrite_proto::v1;

use super::Answer;

pub(super) async fn run(
    plane: &ControlPlane,
    request: v1::RunTestRequest,
) -> Answer<v1::RunTestResponse> {
    let v1::RunTestRequest { name } = request;
    let report = plane.run_test(&name).await?;
    Ok(v1::RunTestResponse {
        report: Some(v1::TestReport::from(&report)),
    })
}
