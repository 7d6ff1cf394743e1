// Judging detached OpenPGP signatures with exactly the keys given. Runs in `sifguard-pgp`.
#include "helper/verify/pgp_check.h"

namespace sifguard {

Result<std::vector<PgpVerdict>> check_pgp_pairs(const PgpRequest& request, const std::string& home,
                                                const std::string& gpg) {
  SG_TRY(OpenPgpSession session, OpenPgpSession::open(home, gpg));
  for (const std::string& key : request.keys) {
    if (auto imported = session.import(key); !imported) {
      return tl::unexpected(std::move(imported).error().prepend("importing a signer's key"));
    }
  }
  std::vector<PgpVerdict> verdicts;
  for (const PgpPair& pair : request.pairs) {
    SG_TRY(PgpVerdict verdict, session.verify_detached(pair.data, pair.signature));
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace sifguard
