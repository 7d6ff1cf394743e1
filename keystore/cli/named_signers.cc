// Signers as the admin names them on the command line. Reads the keystore.
#include "keystore/cli/named_signers.h"

#include <time.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "keystore/base/contains.h"
#include "keystore/policy/signer_id.h"
#include "keystore/policy/subject_name.h"
#include "keystore/trust/signer_fitness.h"

namespace sifguard {
namespace {

/// The name of a signer with the same parts as `asked` in another order, as other programs show
/// names; "" where there is none.
std::string other_order(const std::vector<SignerRecord>& records, const std::string& asked) {
  if (!asked.starts_with(kSubjectPrefix)) return {};
  const auto sorted = [](std::string_view name) -> std::optional<SubjectName> {
    auto parts = parse_subject(name.substr(kSubjectPrefix.size()));
    if (!parts) return std::nullopt;
    std::sort(parts->begin(), parts->end(), [](const RelativeName& a, const RelativeName& b) {
      return std::pair(a.front().type, a.front().value) <
             std::pair(b.front().type, b.front().value);
    });
    return *std::move(parts);
  };
  const auto same = [](const SubjectName& a, const SubjectName& b) {
    return format_subject(a).value_or("") == format_subject(b).value_or("-");
  };
  const auto wanted = sorted(asked);
  for (const SignerRecord& one : records) {
    for (const std::string& name : one.names) {
      if (!wanted || !name.starts_with(kSubjectPrefix)) continue;
      const auto parts = sorted(name);
      if (parts && same(*wanted, *parts)) return name;
    }
  }
  return {};
}

tl::unexpected<Error> no_signer(const std::vector<SignerRecord>& records, const std::string& asked,
                                const Keystore& keystore) {
  const std::string there = other_order(records, asked);
  return fail(Code::absent, "no signer " + asked + " in the keystore " + keystore.directory(),
              there.empty() ? "add it with sifctl signer add"
                            : "one has these parts in another order: write '" + there + "'");
}

}  // namespace

Result<std::vector<std::string>> named_signers(const std::vector<std::string>& typed,
                                               const Keystore& keystore) {
  SG_TRY(const auto records, keystore.signers());
  std::vector<std::string> names;
  for (const std::string& each : typed) {
    SG_TRY(std::string signer, normalize_signer(each));
    const auto held = std::find_if(records.begin(), records.end(),
                                   [&](const SignerRecord& one) { return one.is_named(signer); });
    if (held == records.end()) {
      return no_signer(records, signer, keystore);
    }
    const bool active = std::any_of(held, records.end(), [&](const SignerRecord& one) {
      return one.is_named(signer) && one.state == SignerState::active;
    });
    if (!active) {
      return fail(Code::wrong_state,
                  "the signer " + signer + " is " + std::string(signer_state_name(held->state)),
                  "name one that signs now");
    }
    if (!contains(names, signer)) {
      names.push_back(std::move(signer));
    }
  }
  return names;
}

Status note_unfit(const Session& session, const Keystore& keystore,
                  const std::vector<std::string>& names) {
  SG_TRY(const auto unfit, unfit_names(keystore, names, ::time(nullptr)));
  for (const auto& [name, found] : unfit) {
    session.note("no signature of " + name + (found.for_good ? " will ever count" : " counts now") +
                 ": its certificate " + found.why);
  }
  return {};
}

}  // namespace sifguard
