// The image that is to be published: found, bound and verified. Root on an admin's host.
#include "helper/publish/source_image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "helper/stage/published.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

Result<Binding> binding_of(const std::string& path, const Policy& policy) {
  std::vector<const Binding*> found;
  for (const Binding& binding : policy.bindings) {
    const bool matches =
        std::any_of(binding.match.begin(), binding.match.end(),
                    [&](const std::string& pattern) { return matches_text(pattern, path); });
    if (matches) found.push_back(&binding);
  }
  if (found.empty()) {
    return fail(Code::denied, "no binding matches " + printable(path),
                "bind it first: sifctl image bind");
  }
  if (found.size() > 1) {
    return fail(Code::denied,
                "more than one binding matches " + printable(path) + ": '" + found[0]->name +
                    "' and '" + found[1]->name + "'",
                "what is published gets one binding: let one match it");
  }
  if (found.front()->mode != Mode::enforce) {
    return fail(Code::denied, "the binding '" + found.front()->name + "' is in mode warn",
                "only what is verified is published");
  }
  return *found.front();
}

}  // namespace

Result<SourceImage> open_source(const std::string& path, const Policy& policy) {
  std::error_code error;
  SourceImage source;
  source.path = std::filesystem::canonical(path, error);
  if (error) return fail(Code::no_input, "cannot open " + printable(path) + ": " + error.message());
  source.fd = UniqueFd(
      ::open(source.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat st {};
  if (!source.fd.valid() || ::fstat(source.fd.get(), &st) != 0) {
    return fail_errno(Code::no_input, "cannot open " + printable(source.path), errno);
  }
  if (!S_ISREG(st.st_mode) || st.st_size == 0) {
    return fail(Code::no_input, printable(source.path) + " is empty or not a regular file");
  }
  source.size = static_cast<std::uint64_t>(st.st_size);
  SG_TRY(source.binding, binding_of(source.path, policy));
  return source;
}

Result<VerifiedImage> verify_source(const SourceImage& source, int copy, const Node& node,
                                    const ExamineOptions& examination) {
  const Binding& binding = source.binding;
  SG_TRY(const Keyring keyring, load_keyring(node.keystore, binding));
  SG_TRY(const Sha256Digest digest, digest_of_file(copy, source.size, examination.deadline_ms));
  const std::string shown = "sha256:" + to_hex(digest);
  SG_CHECK(check_pin(binding.digest, shown));
  SG_TRY(const ExaminedFacts facts, examine_whole(copy, source.size, keyring.keys, examination));
  SG_TRY(const CertifiedFacts certified,
         certify(facts, shown, keyring, node.keystore, node.config.revocation, examination));
  SG_TRY(
      Admission admission,
      judge_and_admit(certified, demands_of(binding, binding.release.value_or(node.config.release)),
                      ::time(nullptr)));
  return VerifiedImage{std::move(admission), to_hex(digest)};
}

}  // namespace sifguard
