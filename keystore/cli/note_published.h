// Tells an admin who revokes something which published images are not affected by that. Runs with
// the rights of the admin.
#pragma once

#include <functional>

#include "keystore/cli/session.h"
#include "keystore/store/published_records.h"

namespace sifguard {

/// Prints a note for each published image for which `concerned` is true and which still runs.
void note_published(const Session& session, const Keystore& keystore,
                    const std::function<bool(const PublishedRecord&)>& concerned);

}  // namespace sifguard
