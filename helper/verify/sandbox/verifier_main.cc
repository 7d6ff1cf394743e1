// sifguard-verifier: examines one image and reports. Started by the root helper as a no-login
// account in its own namespaces; holds no key, opens no file, starts no program.
//
// Descriptor 3 is the image, 4 takes the report (report.h), 5, if there, is a page to count
// progress in. Status 0 means that a report was written, be it a failure; 70 that none could be.
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "helper/process/landlock.h"
#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/memory.h"
#include "helper/verify/sandbox/sandbox.h"
#include "helper/verify/sandbox/verifier.h"
#include "helper/verify/sandbox/workers.h"
#include "helper/verify/wire/descriptors.h"
#include "keystore/base/fd.h"
#include "keystore/base/secret.h"

namespace {

using sifguard::Result;
using sifguard::Status;

Status prepare() {
  SG_CHECK(sifguard::harden_process());
  // Else each thread's first allocation would take 64 MiB of the limited address space.
  ::mallopt(M_ARENA_MAX, 1);
  SG_CHECK(sifguard::prepare_digests());
  ::posix_fadvise(sifguard::kInputFd, 0, 0, POSIX_FADV_SEQUENTIAL);  // a wish; may go unheard
  SG_TRY([[maybe_unused]] const int landlock, sifguard::give_up_files_and_network());
  return {};
}

/// Shared with whoever started us, to count in; null when there is nothing of the kind.
std::uint64_t* map_progress() {
  constexpr std::size_t kPage = 4096;
  void* const page =
      ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, sifguard::kProgressFd, 0);
  return page == MAP_FAILED ? nullptr : static_cast<std::uint64_t*>(page);
}

std::string examine() {
  try {
    std::uint64_t* const progress = map_progress();
    if (auto prepared = prepare(); !prepared) {
      return sifguard::encode_report_failure(prepared.error());
    }
    // After Landlock, which threads inherit; before the filter, which forbids starting any. Never
    // destroyed: that the filter forbids too.
    static sifguard::Workers workers(sifguard::usable_cores());
    if (auto entered = sifguard::enter_sandbox(); !entered) {
      return sifguard::encode_report_failure(entered.error());
    }
    auto report = sifguard::verify_image(sifguard::kInputFd, &workers, progress);
    if (sifguard::openssl_lacked_memory()) throw std::bad_alloc();
    if (!report) return sifguard::encode_report_failure(report.error());
    return sifguard::encode_report(*report);
  } catch (const std::bad_alloc&) {
    return sifguard::encode_report_failure(sifguard::no_memory("examining the image"));
  }
}

}  // namespace

int main() {
  sifguard::watch_openssl_memory();
  const auto written = sifguard::write_all(sifguard::kOutputFd, examine(), "the report");
  // Not exit(): nothing is left to flush, and no handler needs a system call that is forbidden.
  ::_exit(written ? 0 : 70);
}
