// Telling who revokes something which published images it does not reach. Runs with the rights of
// the admin.
#pragma once

#include <functional>

#include "keystore/cli/session.h"
#include "keystore/store/published_records.h"

namespace sifguard {

/// A note for each published image that was made from what `concerned` says so of, and still runs.
void note_published(const Session& session, const Keystore& keystore,
                    const std::function<bool(const PublishedRecord&)>& concerned);

}  // namespace sifguard
