# Where everything lives on an installed system; one place, compiled in as config.h.
set(SIFGUARD_LIBEXEC_DIR ${CMAKE_INSTALL_FULL_LIBEXECDIR}/sifguard)
set(SIFGUARD_PLUGIN_DIR ${CMAKE_INSTALL_FULL_LIBDIR}/sifguard)
set(SIFGUARD_CONFIG_FILE /etc/sifguard/sifguard.yaml CACHE STRING "the node's configuration")
set(SIFGUARD_KEYSTORE_DIR /var/lib/sifguard/keystore CACHE STRING "default keystore")
set(SIFGUARD_CACHE_DIR /var/cache/sifguard CACHE STRING "default cache of staged images")
set(SIFGUARD_RUN_DIR /run/sifguard CACHE STRING "runtime directory")
set(SIFGUARD_AUDIT_FILE /var/log/sifguard/audit.jsonl CACHE STRING "default audit log")
configure_file(${CMAKE_CURRENT_LIST_DIR}/paths.h.in ${CMAKE_BINARY_DIR}/generated/sifguard/paths.h)
