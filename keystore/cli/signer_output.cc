// What `sifctl signer add` and `signer fetch` have in common. Runs with the rights of the admin.
#include "keystore/cli/signer_output.h"

#include "keystore/base/one_line.h"

namespace sifguard {

Status store_signer(const Session& session, Keystore& keystore, const NewSigner& signer) {
  const SignerRecord& record = signer.record;
  const bool known = keystore.find_signer(record.id).has_value();
  SG_TRY(const auto outcome, keystore.add_signer(record, signer.key));
  const bool unchanged = outcome == Keystore::Added::unchanged;
  session.out((unchanged ? "already in the keystore, nothing changed: "
               : known   ? "refreshed "
                         : "added ") +
              record.id + " " + one_line(record.label, 200) + "\n");
  for (const std::string& name : record.names) {
    if (name != record.id) session.out("  bindings may call it " + one_line(name, 1100) + "\n");
  }
  return {};
}

}  // namespace sifguard
