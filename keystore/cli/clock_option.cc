// --accept-clock: the admin vouches for this host's clock. The rights of the admin.
#include "keystore/cli/clock_option.h"

#include <time.h>

#include "keystore/ca/clock_check.h"

namespace sifguard {

void ClockOption::offer(CLI::App* command) {
  command->add_flag("--accept-clock", accepted,
                    "The clock is right, however far from what was recorded last");
}

Status ClockOption::check_for_ca(const Keystore& keystore) const {
  return accepted ? Status() : check_ca_clock(keystore, ::time(nullptr));
}

}  // namespace sifguard
