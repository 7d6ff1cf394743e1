// A signer as the admin names it on the command line. Runs with the rights of the admin.
#include "keystore/cli/named_signer.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {

Result<std::string> named_signer(const Keystore& keystore, std::string_view typed) {
  SG_TRY(std::string id, normalize_signer(typed));
  SG_TRY(const auto records, keystore.signers());
  const bool held = std::any_of(records.begin(), records.end(),
                                [&](const SignerRecord& one) { return one.is_named(id); });
  if (held) return id;
  return fail(Code::config,
              "no signer " + printable(id, 200) + " in the keystore " + keystore.directory(),
              "add it with sifctl signer add");
}

}  // namespace sifguard
