// Signers as the admin names them on the command line. Reads the keystore.
#include "keystore/cli/named_signers.h"

#include <time.h>

#include <algorithm>

#include "keystore/policy/signer_id.h"
#include "keystore/trust/signer_fitness.h"

namespace sifguard {

Result<std::vector<std::string>> named_signers(const std::vector<std::string>& typed,
                                               const Keystore& keystore) {
  SG_TRY(const auto records, keystore.signers());
  std::vector<std::string> names;
  for (const std::string& each : typed) {
    SG_TRY(std::string signer, normalize_signer(each));
    const auto held = std::find_if(records.begin(), records.end(),
                                   [&](const SignerRecord& one) { return one.is_named(signer); });
    if (held == records.end()) {
      return fail(Code::config, "no signer " + signer + " in the keystore " + keystore.directory(),
                  "add it with sifctl signer add");
    }
    const bool active = std::any_of(held, records.end(), [&](const SignerRecord& one) {
      return one.is_named(signer) && one.state == SignerState::active;
    });
    if (!active) {
      return fail(Code::denied,
                  "the signer " + signer + " is " + std::string(signer_state_name(held->state)),
                  "name one that signs now");
    }
    if (std::find(names.begin(), names.end(), signer) == names.end()) {
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
