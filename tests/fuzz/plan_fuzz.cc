// Fuzzes the launch plan's parser: what it accepts must survive being written and read again. The
// same bytes, taken as a bind, must never yield a destination or source that is not allowed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/launch/bind.h"
#include "helper/launch/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto plan = sifguard::parse_plan(bytes)) {
    const auto again = sifguard::parse_plan(sifguard::format_plan(*plan));
    if (!again || again->runtime != plan->runtime || again->args != plan->args ||
        again->environment != plan->environment || again->copied != plan->copied ||
        again->dropped != plan->dropped || again->inner_prefix != plan->inner_prefix ||
        again->shown != plan->shown || again->shown_below != plan->shown_below ||
        again->start != plan->start || again->asked_sources != plan->asked_sources ||
        again->site_sources != plan->site_sources) {
      std::abort();
    }
  }
  if (const auto bind = sifguard::parse_bind(bytes, "/home/alice", {})) {
    const bool allowed = bind->destination.starts_with('/') && bind->destination != "/" &&
                         !sifguard::is_at_or_under(bind->destination, "/proc") &&
                         !sifguard::is_at_or_under(bind->source, "/run/sifguard") &&
                         sifguard::normalize_path(bind->source) == bind->source;
    const auto again = sifguard::parse_bind(sifguard::format_bind(*bind), "", {});
    if (!allowed || !again || again->source != bind->source ||
        again->destination != bind->destination || again->read_only != bind->read_only) {
      std::abort();
    }
  }
  return 0;
}
