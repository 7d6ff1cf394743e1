// sifguard-pgp: checks detached OpenPGP signatures. Started by the root helper as a no-login
// account in its own namespaces; it may start gpg, but sees neither the image nor a secret key.
//
// usage: sifguard-pgp HOME GPG. HOME is a fresh directory, all that it and gpg may write to.
// Descriptor 3 holds the request, 4 takes the answer (pgp_wire.h). Status 0 means that an answer
// was written.
#include <locale.h>
#include <unistd.h>

#include <new>

#include "helper/verify/memory.h"
#include "helper/verify/pgp_check.h"
#include "helper/verify/pgp_sandbox.h"
#include "keystore/base/fd.h"
#include "keystore/base/secret.h"

namespace {

constexpr int kRequestFd = 3;
constexpr int kAnswerFd = 4;

sifguard::Result<std::string> answer(const std::string& home, const std::string& gpg) {
  SG_CHECK(sifguard::harden_process());
  SG_CHECK(sifguard::enter_pgp_sandbox(home, gpg));
  SG_TRY(const std::string question,
         sifguard::read_to_end(kRequestFd, sifguard::kMaxPgpRequest, "the request"));
  SG_TRY(const auto request, sifguard::decode_pgp_request(question));
  SG_TRY(const auto verdicts, sifguard::check_pgp_pairs(request, home, gpg));
  return sifguard::encode_pgp_answer(verdicts);
}

std::string answer_or_failure(const std::string& home, const std::string& gpg) {
  try {
    auto text = answer(home, gpg);
    return text ? *text : sifguard::encode_pgp_failure(text.error());
  } catch (const std::bad_alloc&) {
    return sifguard::encode_pgp_failure(sifguard::no_memory("checking the signatures"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return static_cast<int>(sifguard::Code::usage);
  const std::string text = answer_or_failure(argv[1], argv[2]);
  const auto written = sifguard::write_all(kAnswerFd, text, "the answer");
  // Not exit(): nothing is left to flush, and no handler needs what is shut.
  ::_exit(written ? 0 : 70);
}
