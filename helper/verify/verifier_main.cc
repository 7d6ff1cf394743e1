// sifguard-verifier: examines one image and reports. Started by the root helper as a no-login
// account in its own namespaces; holds no key, opens no file, starts no program.
//
// Descriptor 3 is the image, 4 takes the report (report.h). Status 0 means that a report was
// written, be it a failure; 70 that none could be.
#include <unistd.h>

#include <new>

#include "helper/verify/hasher.h"
#include "helper/verify/sandbox.h"
#include "helper/verify/verifier.h"
#include "keystore/base/fd.h"
#include "keystore/base/secret.h"

namespace {

using sifguard::Result;
using sifguard::Status;

Status prepare() {
  SG_CHECK(sifguard::harden_process());
  SG_CHECK(sifguard::prepare_digests());
  return sifguard::enter_sandbox();
}

std::string examine() {
  try {
    if (auto prepared = prepare(); !prepared) {
      return sifguard::encode_report_failure(prepared.error());
    }
    auto report = sifguard::verify_image(sifguard::kImageFd);
    if (!report) return sifguard::encode_report_failure(report.error());
    return sifguard::encode_report(*report);
  } catch (const std::bad_alloc&) {
    return sifguard::encode_report_failure(
        {sifguard::Code::refused, "examining the image takes more memory than allowed"});
  }
}

}  // namespace

int main() {
  const auto written = sifguard::write_all(sifguard::kReportFd, examine(), "the report");
  // Not exit(): nothing is left to flush, and no handler needs a system call that is forbidden.
  ::_exit(written ? 0 : 70);
}
