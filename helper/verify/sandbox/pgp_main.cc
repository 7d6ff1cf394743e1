// sifguard-pgp: checks detached OpenPGP signatures, or merges a key with its stored copy. Started
// by the root helper, and for sifctl by sifguard-pgp-merge, as a no-login account in its own
// namespaces; it may start gpg, but sees neither the image nor a secret key.
//
// usage: sifguard-pgp HOME GPG. HOME is a fresh directory, all that it and gpg may write to.
// Descriptor 3 holds the request, 4 takes the answer (pgp_wire.h, openpgp_merge_wire.h). Status 0
// means that an answer was written.
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "helper/verify/sandbox/memory.h"
#include "helper/verify/sandbox/pgp_check.h"
#include "helper/verify/sandbox/pgp_sandbox.h"
#include "helper/verify/wire/descriptors.h"
#include "keystore/base/fd.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/openpgp_merge_wire.h"

namespace {

constexpr std::size_t kMaxQuestion = std::max(sifguard::kMaxPgpRequest, sifguard::kMaxMergeRequest);

/// `failed` encodes an error for who asked; it depends on what was asked.
using Failed = std::string (*)(const sifguard::Error& error);

sifguard::Result<std::string> verdicts_on(const std::string& question, const std::string& home,
                                          const std::string& gpg) {
  SG_TRY(const auto request, sifguard::decode_pgp_request(question));
  SG_TRY(const auto verdicts, sifguard::check_pgp_pairs(request, home, gpg));
  return sifguard::encode_pgp_answer(verdicts);
}

sifguard::Result<std::string> merged_for(const std::string& question, const std::string& home,
                                         const std::string& gpg) {
  SG_TRY(const auto request, sifguard::decode_merge_request(question));
  SG_TRY(auto session, sifguard::OpenPgpSession::open(home, gpg));
  SG_TRY(const auto merged, sifguard::merge_openpgp_key(session, request));
  return sifguard::encode_merged(merged);
}

sifguard::Result<std::string> answer(const std::string& home, const std::string& gpg,
                                     Failed& failed) {
  SG_CHECK(sifguard::harden_process());
  SG_CHECK(sifguard::enter_pgp_sandbox(home, gpg));
  SG_TRY(const std::string question,
         sifguard::read_to_end(sifguard::kInputFd, kMaxQuestion, "the request"));
  if (!sifguard::is_merge_request(question)) return verdicts_on(question, home, gpg);
  failed = sifguard::encode_merge_failure;
  return merged_for(question, home, gpg);
}

std::string answer_or_failure(const std::string& home, const std::string& gpg) {
  Failed failed = sifguard::encode_pgp_failure;
  try {
    auto text = answer(home, gpg, failed);
    return text ? *text : failed(text.error());
  } catch (const std::bad_alloc&) {
    return failed(sifguard::no_memory("checking the OpenPGP data"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return static_cast<int>(sifguard::Code::usage);
  const std::string text = answer_or_failure(argv[1], argv[2]);
  const auto written = sifguard::write_all(sifguard::kOutputFd, text, "the answer");
  // Not exit(): nothing is left to flush, and no handler needs what is shut.
  ::_exit(written ? 0 : 70);
}
