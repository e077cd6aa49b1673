// The unit that runs the servers under systemd, with no rights but the ports of mail. Pure. Called by service.ts. SEC-06
export type UnitAsked = {
  /** The command, absolute. */
  readonly program: string
  readonly folder: string
  /** Whose the mail is: a user of this machine, whom root can become too, to work on what is stopped. */
  readonly user: string
}

const stateFolder = '/var/lib/'
/** systemd makes it and gives it to the user. */
export const isState = (folder: string): boolean => folder.startsWith(stateFolder)

/** @throws Error with a sentence when the unit could not work. */
export function systemdUnit({ program, folder, user }: UnitAsked): string {
  const inState = isState(folder)
  for (const path of [program, folder])
    if (!/^\/[A-Za-z0-9._/+-]+$/.test(path))
      throw new Error(`${path}: a unit takes only letters, digits and ._+- in paths`)
  if (isHidden(program))
    throw new Error(
      `${program} lies where the service may not look: put the program into /opt/netcruiser, and say this there`,
    )
  if (isHidden(folder)) throw new Error(`${folder} lies where the service may not look: keep mail elsewhere`)
  const place = inState
    ? [`StateDirectory=${folder.slice(stateFolder.length)}`, 'StateDirectoryMode=0700']
    : [`ReadWritePaths=${folder}`]
  return [head, `ExecStart=${program} serve --data ${folder}`, `User=${user}`, `Group=${user}`, ...place, body].join(
    '\n',
  )
}

/** `ProtectHome` and `PrivateTmp` hide these. */
const isHidden = (path: string): boolean => /^\/(?:home|root|run\/user|tmp|var\/tmp)(?:\/|$)/.test(path)

const head = `# NetCruiser Mail. Put into /etc/systemd/system/netcruiser.service, then:
#   systemctl daemon-reload && systemctl enable --now netcruiser
[Unit]
Description=NetCruiser Mail
Documentation=https://www.rfc-editor.org/rfc/rfc5321
After=network-online.target nss-lookup.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec`

const body = `Restart=always
RestartSec=2
TimeoutStopSec=60
KillMode=mixed
UMask=0077
LimitNOFILE=65536
MemoryMax=2G
OOMPolicy=continue
# Compiled code is kept here: the program itself is only read.
CacheDirectory=netcruiser
CacheDirectoryMode=0700
Environment=NODE_COMPILE_CACHE=%C/netcruiser
# The ports below 1024, and nothing else that is root's.
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateIPC=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# The engine makes code while it runs.
MemoryDenyWriteExecute=no

[Install]
WantedBy=multi-user.target
`
