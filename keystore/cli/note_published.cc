// Tells an admin who revokes something which published images it does not affect. Runs with the
// rights of the admin.
#include "keystore/cli/note_published.h"

#include "keystore/doctor/published_copies.h"

namespace sifguard {
namespace {

Result<std::vector<PublishedRecord>> copies_of(
    const Keystore& keystore, const std::function<bool(const PublishedRecord&)>& concerned) {
  SG_TRY(const auto records, published_records(keystore));
  if (records.empty()) return records;
  SG_TRY(const std::string text, keystore.images_text());
  SG_TRY(const Policy policy, parse_policy(text));
  return published_copies(records, policy, concerned);
}

}  // namespace

void note_published(const Session& session, const Keystore& keystore,
                    const std::function<bool(const PublishedRecord&)>& concerned) {
  const auto copies = copies_of(keystore, concerned);
  if (!copies) {
    session.note("which published images are concerned cannot be said: " + copies.error().what());
    return;
  }
  for (const PublishedRecord& copy : *copies) {
    session.note("the published image '" + copy.name + "', made from " + copy.source_path +
                 ", has a key and a signer of its own and still runs: sifctl image unpublish " +
                 copy.name);
  }
}

}  // namespace sifguard
