// sifguard-pki: checks signatures of raw public keys, and X.509 certificates with the proof that
// they are not revoked. Started by the root helper as a no-login account in its own namespaces;
// sees neither the image nor a secret key, opens no file, starts no program.
//
// Descriptor 3 holds the request, 4 takes the answer (pki_wire.h). Status 0 means that an answer
// was written, be it a failure; 70 that none could be.
#include <openssl/crypto.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <new>

#include "helper/process/landlock.h"
#include "helper/verify/sandbox/memory.h"
#include "helper/verify/sandbox/pki_check.h"
#include "helper/verify/sandbox/sandbox.h"
#include "helper/verify/wire/descriptors.h"
#include "keystore/base/fd.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/digest.h"

namespace {

using sifguard::Result;
using sifguard::Status;

/// glibc asks the kernel for the size of memory when it first sorts more than a kilobyte, as
/// OpenSSL does with many trust anchors.
void sort_once() {
  std::array<int, 1024> numbers{};
  ::qsort(numbers.data(), numbers.size(), sizeof(int),
          [](const void* /*one*/, const void* /*other*/) { return 0; });
}

/// What would make forbidden system calls later: OpenSSL's provider and messages, the C library's
/// time zone and sorting.
Status prepare() {
  SG_CHECK(sifguard::harden_process());
  ::tzset();
  sort_once();
  // No configuration file: it could name a provider to load.
  constexpr std::uint64_t kOptions =
      OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_LOAD_CRYPTO_STRINGS;
  if (OPENSSL_init_crypto(kOptions, nullptr) != 1) {
    return sifguard::fail(sifguard::Code::internal, "OpenSSL cannot start");
  }
  SG_TRY([[maybe_unused]] const auto warm, sifguard::sha256({}));
  SG_TRY([[maybe_unused]] const int landlock, sifguard::give_up_files_and_network());
  return sifguard::enter_sandbox();
}

Result<std::string> answer() {
  SG_CHECK(prepare());
  SG_TRY(std::string question,
         sifguard::read_to_end(sifguard::kInputFd, sifguard::kMaxPkiRequest, "the request"));
  SG_TRY(const auto request, sifguard::decode_pki_request(question));
  question = {};  // CRLs may be long, and memory is short
  SG_TRY(const auto verdicts, sifguard::check_pki(request));
  return sifguard::encode_pki_answer(verdicts);
}

std::string answer_or_failure() {
  try {
    auto text = answer();
    // Of what OpenSSL had no memory for it says that it is bad.
    if (sifguard::openssl_lacked_memory()) throw std::bad_alloc();
    return text ? *text : sifguard::encode_pki_failure(text.error());
  } catch (const std::bad_alloc&) {
    return sifguard::encode_pki_failure(sifguard::no_memory("checking the signatures"));
  }
}

}  // namespace

int main() {
  sifguard::watch_openssl_memory();
  const auto written = sifguard::write_all(sifguard::kOutputFd, answer_or_failure(), "the answer");
  // Not exit(): nothing is left to flush, and no handler needs a system call that is forbidden.
  ::_exit(written ? 0 : 70);
}
