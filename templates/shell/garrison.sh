# Garrison keeps this file. A shell whose time-out can't be changed any more is left as it is.
umask 027
ulimit -c 0
if (unset TMOUT) 2>/dev/null; then
    if [ -n "${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}" ]; then
        typeset -xr TMOUT=900
    else
        TMOUT=900
        readonly TMOUT
        export TMOUT
    fi
fi
