package orbit

// moreCommonPasswords holds the rest of commonPasswordList.
const moreCommonPasswords = `
paragon henrik rainyday pacino senna bigdog1 alleycat 12345qaz narnia mustang2 tanya1 gianni apollo11 wetter clovis
escalade rainbows freddy1 smart1 daisydog s123456 cocksucker pushkin lefty sambo fyutkjxtr hiziad boyz whiplash
orchard newark adrenalin 1598753 bootsie chelle trustme chewy golfgti tuscl ambrosia 5wr2i7h8 penetration shonuf
jughead payday stickman gotham kolokol johnny5 kolbasa stang puppydog charisma gators1 mone jakarta draco nightmar
01011973 inlove laetitia 02091973 tarpon nautica meadow 0192837465 luckyone 14881488 chessie goldeney tarakan 69camaro
bungle wordup interne fuckme2 515000 dragonfl sprout 02081974 gerbil bandit1 02071971 melanie1 phialpha camber kathy1
adriano gonzo1 10293847 bigjohn bismarck 7777777a scamper 12348765 rabbits 222777 bynthytn dima123 alexander1 mallorca
dragster favorite6 beethove burner cooper1 fosters hello2 normandy 777999 sebring 1michael lauren1 blake1 killa
02091971 nounours trumpet1 thumper1 playball xantia rugby1 rocknroll guillaum angela1 strelok prosper buttercup
masterp dbnfkbr cambridg venom treefrog lumina 1234566 supra sexybabe freee shen frogs driller pavement grace1 dicky
checker smackdown pandas cannibal asdffdsa blue42 zyjxrf nthvbyfnjh melrose neon jabber gamma 369258147 aprilia
atticus benessere catcher skipper1 azertyuiop sixty9 thierry treetop jello melons 123456789qwe tantra buzzer catnip
bouncer computer1 sexyone ananas young1 olenka sexman mooses kittys sephiroth contra hallowee skylark sparkles 777333
1qazxsw23edc lucas1 q1w2e3r gofast hannes amethyst ploppy flower2 hotass amatory volleyba dixie1 bettyboo ticklish
02061974 frenchy phish1 murphy1 trustno 02061972 leinad mynameis spooge jupiter1 hyundai frosch junkmail abacab
marbles 32167 casio sunshine1 wayne1 longhair caster snicker 02101973 gannibal skinhead hansol gatsby segblue2
montecar plato gumby kaboom matty bosco1 888999 jazzy panter jesus123 charlie2 giulia candyass sex69 travis1 farmboy
special1 02041973 letsdoit password01 allison1 abcdefg1 notredam ilikeit 789654123 liberty1 rugger uptown alcatraz
123456w airman 007bond navajo kenobi terrier stayout grisha frankie1 fluff 1qazzaq1 1234561 virginie 1234568 tango1
werdna octopus fitter dfcbkbcf blacklab 115599 montrose allen1 supernova frederik ilovepussy justice1 radeon playboy2
blubber sliver swoosh motocros lockdown pearls thebear istheman pinetree biit 1234rewq rustydog tampabay titts
babycake jehovah vampire1 streaming collie camil fidelity calvin1 stitch gatit restart puppy1 budgie grunt capitals
hiking dreamcas zorro1 321678 riffraff makaka playmate napalm rollin amstel zxcvb123 samanth rumble fuckme69 jimmys
951357 pizzaman 1234567899 tralala delpiero alexi yamato itisme 1million vfndtq kahlua londo wonderboy carrots tazz
ratboy rfgecnf 02081973 nico fujitsu tujhrf sergbest blobby 02051970 sonic1 1357911 smirnov video1 panhead bucky
02031974 44332211 duffer cashmoney left4dead bagpuss salman 01011972 titfuck 66613666 england1 malish dresden lemans
darina zapper 123456as 123456qqq met2002 02041972 redstar blue23 1234509876 pajero booyah please1 tetsuo semper finder
hanuman sunlight 123456n 02061971 treble cupoi password99 dimitri 3ip76k2 popcorn1 lol12345 stellar nympho shark1
keith1 saskia bigtruck revoluti rambo1 asd222 feelgood phat gogators bismark cola puck furball burnout slonik bowtie
mommy1 icecube fabienn mouser papamama rolex giants1 blue11 trooper1 momdad iklo morten rhubarb gareth 123456d blitz
canada1 r2d2 brest tigercat usmarine lilbit benny1 azrael lebowski 12345r madagaskar begemot loverman dragonballz
italiano mazda3 naughty1 onions diver1 cyrano capcom asdfg123 forlife fisherman weare138 requiem mufasa alpha123
piercing hellas abracadabra duckman caracas macintos 02011971 jordan2 crescent fduecn hogtied eatmenow ramjet 18121812
kicksass whatthe discus rfhfvtkmrf rufus1 sqdwfe mantle vegitto trek dan123 paladin1 rudeboy liliya lunchbox riversid
acapulco libero dnsadm maison toomuch boobear hemlock sextoy pugsley misiek athome migue altoids marcin 123450
rhfcfdbwf jeter2 rhinos rjhjkm mercury1 ronaldinho shampoo makayla kamilla masterbating tennesse holger john1 matchbox
hores poptart parlament goodyear asdfgh1 02081970 hardwood alain erection hfytnrb highlife implants benjami dipper
jeeper bendover supersonic babybear laserjet gotenks bama natedogg aol123 pokemo rabbit1 raduga sopranos cashflow
menthol pharao hacking 334455 ghjcnbnenrf lizzy muffin1 pooky penis1 flyer gramma dipset becca ireland1 diana1 donjuan
pong ziggy1 alterego simple1 cbr900 logger 111555 claudia1 cantona7 matisse ljxtymrf victori harle mamas encore mangos
iceman1 diamon alexxx tiamat 5000 desktop mafia smurf princesa shojou blueberr welkom maximka 123890 123q123 tammy1
bobmarley clips demon666 ismail termite laser1 missie altair donna1 bauhaus trinitron mogwai flyers88 juniper
nokia5800 boroda jingles qwerasdfzxcv shakur 777666 legos mallrats 1qazxsw goldeneye tamerlan julia1 backbone spleen
49ers shady darkone medic1 justi giggle cloudy aisan douche parkour bluejay huskers1 redwine 1qw23er4 satchmo 1231234
nineball stewart1 ballsack probes kappa amiga flipper1 dortmund 963258 trigun 1237895 homepage blinky screwy gizzmo
belkin chemist coolhand chachi braves1 thebest greedisgood pro100 banana1 101091m 123456g wonderfu barefeet 8inches
1111qqqq kcchiefs qweasdzxc123 metal1 jennifer1 xian asdasd123 pollux cheerleaers fruity mustang5 turbos shopper
photon espana hillbill oyster macaroni gigabyte jesper motown tuxedo buster12 triplex cyclones estrell mortis holla
456987 fiddle sapphic jurassic thebeast ghjcnjq baura spock1 metallica1 karaoke nemrac58 love1234 02031970
flvbybcnhfnjh frisbee diva ajax feathers flower1 soccer11 allday mierda pearl1 amature marauder 333555 redheads womans
egorka godbless 159263 nimitz aaaa1111 sashka madcow socce greywolf baboon pimpdaddy 123456789r reloaded lancia
rfhfylfi dicker placid grimace 22446688 olemiss whores culinary wannabe maxi 1234567aa amelie riley1 trample phantom1
baberuth bramble asdfqwer vides 4you abc123456 taichi aztnm smother outsider hakr blackhawk bigblack girlie spook
valeriya gianluca freedo 1q2q3q4q handbag lavalamp cumm pertinant whatup nokia123 redlight patrik 111aaa poppy1
dfytxrf aviator sweeps kristin1 cypher elway yinyang access1 poophead tucson noles1 monterey waterfal dank dougal
918273 suede minnesot legman bukowski ganja mammoth riverrat asswipe daredevi lian arizona1 kamikadze alex1234 smile1
angel2 55bgates bellagio 0001 wanrltw stiletto lipton arsena biohazard bbking chappy tetris as123456 darthvad lilwayne
nopassword 7412369 123456789987654321 natchez glitter 14785236 mytime rubicon moto pyon wazzup tbird shane1 nightowl
getoff beckham7 trueblue hotgirl nevermin deathnote 13131 taffy bigal copenhag apricot gallaries dtkjcbgtl totoro
onlyone civicsi jesse1 baby123 sierra1 festus abacus sickboy fishtank fungus charle golfpro teensex mario66 seaside
aleksei rosewood blackberry 1020304050 bedlam schumi deerhunt contour darkelf surveyor deltas pitchers 741258963
dipstick funny1 lizzard 112233445566 jupiter2 softtail titman greenman z1x2c3v4b5 smartass 12345677 notnow myworld
nascar1 chewbacc nosferatu downhill dallas22 kuan blazers whales soldat craving powerman yfcntyf hotrats cfvceyu
qweasdzx princess1 feline qqwwee chitown 1234qaz mastermind 114477 dingbat care1839 standby kismet atreides dogmeat
icarus monkeyboy alex1 mouses nicetits sealteam chopper1 crispy winter99 rrpass1 myporn myspace1 corazo topolino
ass123 lawman muffy orgy 1love passord hooyah ekmzyf pretzel amonra nestle 01011950 jimbeam happyman z12345 stonewal
helios manunited harcore dick1 gaymen 2hot4u light1 qwerty13 kakashi pjkjnj alcatel taylo allah buddydog ltkmaby mongo
blonds start123 audia6 123456v civilwar bellaco turtles mustan deadspin aaa123 fynjirf lucky123 tortoise amor summe
waterski zulu drag0n dtxyjcnm gizmos strife interacial pusyy goose1 bear1 equinox matri jaguar1 tobydog sammys nachos
traktor bryan1 morgoth 444555 dasani miami1 mashka xxxxxx1 ownage nightwin hotlips passmast cool123 skolko eldiablo
manu 1357908642 screwyou badabing foreplay hydro kubrick seductive demon1 comeon galileo aladdin metoo happines 902100
mizuno caddy bizzare girls1 redone ohmygod sable bonovox girlies hamper opus gizmodo1 aaabbb pizzahut 999888 rocky2
anton1 kikimora peavey ocelot a1a2a3a4 2wsx3edc jackie1 solace sprocket galary chuck1 volvo1 shurik poop123 locutus
virago wdtnjxtr tequier bisexual doodles makeitso fishy 789632145 nothing1 fishcake sentry libertad oaktree fivestar
adidas1 vegitta mississi spiffy carme neutron vantage agassi boners 123456789v hilltop taipan barrage kenneth1 fister
martian willem lfybkf bluestar moonman ntktdbpjh paperino bikers daffy benji quake dragonfly suckcock danilka lapochka
belinea calypso asshol camero1 abraxas mike1234 womam q1q2q3q4q5 youknow maxpower pic\'s audi80 sonora raymond1
tickler tadpole belair crazyman finalfantasy 999000 jonatha paisley kissmyas morgana monste mantra spunk magic123
jonesy mark1 alessand 741258 baddest ghbdtnrfrltkf zxccxz tictac augustin racers 7grout foxfire 99762000 openit
nathanie 1z2x3c4v5b seadog gangbanged lovehate hondacbr harpoon mamochka fisherma bismilla locust wally1 spiderman1
saffron utjhubq 123456987 20spanks safeway pisser bdfyjd kristen1 bigdick1 magenta vfhujif anfisa friday13 qaz123wsx
0987654321q tyrant guan meggie kontol nurlan ayanami rocket1 yaroslav websol76 mutley hugoboss websolutions elpaso
gagarin badboys sephirot 918273645 newuser qian edcrfv booger1 852258 lockout timoxa94 mazda323 firedog sokolova
skydiver jesus777 1234567890z soulfly canary malinka guillerm hookers dogfart surfer1 osprey india123 rhjkbr stoppedby
nokia5530 123456789o blue1 werter divers 3000 123456f alpina cali whoknows godspeed 986532 foreskin fuzzy1 heyyou
didier slapnuts fresno rosebud1 sandman1 bears1 blade1 honeybun queen1 baronn pakista philipp 9111961 topsecret
sniper1 214365 slipper letsfuck pippen33 godawgs mousey qw123456 scrotum loveis lighthou bp2002 nancy123 jeffrey1
susieq buddy2 ralphie trout1 willi antonov sluttey rehbwf marty1 darian losangeles letme1n 12345d pusssy godiva ender
golfnut leonidas a1b2c3d4e5 puffer general1 wizzard lehjxrf racer1 bigbucks cool12 buddys zinger esprit vbienrf josep
tickling froggie 987654321a 895623 daddys crumbs gucci mikkel opiate tracy1 christophe came11 777555 petrovich humbug
dirtydog allstate horatio wachtwoord creepers squirts rotary bigd georgia1 fujifilm 2sweet dasha yorkie slimjim wiccan
kenzie system1 skunk b12345 getit pommes daredevil sugars bucker piston lionheart 1bitch 515051 catfight recon icecold
fantom vodafone kontakt boris1 vfcnth canine 01011961 valleywa faraon chickenwing101 qq123456 livewire livelife
roosters jeepers ilya1234 coochie pavlik dewalt dfhdfhf architec blackops 1qaz2wsx3edc4rfv rhfcjnf wsxedc teaser
sebora 25252 rhino1 ankara swifty decimal redleg shanno nermal candies smirnova dragon01 photo1 ranetki a1s2d3f4g5
axio wertzu maurizio 6uldv8 zxcvasdf punkass flowe graywolf peddler 3rjs1la7qe mpegs seawolf ladyboy pianos piggies
vixen alexus orpheus gdtrfb z123456 macgyver hugetits ralph1 flathead maurici mailru goofball nissan1 nikon stopit
odin big1 smooch reboot famil bullit anthony7 gerhard methos 124038 morena eagle2 jessica2 zebras getlost gfynthf
123581321 sarajevo indon comets tatjana rfgbnjirf joystick batman12 123456c sabre beerme victory1 kitties 1475369
badboy1 booboo1 comcast slava squid saxophon lionhear qaywsx bustle nastena roadway loader hillside starlight 24681012
niggers access99 bazooka molly123 blackice bandi cocacol nfhfrfy timur muschi horse1 quant4307s squerting oscars
mygirls flashman tangerin goofy1 p0o9i8 housewifes newness monkey69 escorpio password11 hippo warcraft3 qazxsw123
qpalzm ribbit ghbdtndctv bogota star123 258000 lincoln1 bigjim lacoste firestorm legenda indain ludacris milamber 1009
evangeli letmesee a111111 hooters1 bigred1 shaker husky a4tech cnfkrth argyle rjhjdf nataha 0o9i8u7y gibson1 sooners1
glendale archery hoochie stooge aaaaaa1 scorpions school1 vegas1 rapier mike23 bassoon groupd2013 macaco baker1 labia
freewill santiag silverado butch1 vflfufcrfh monica1 rugrat cornhole aerosmit bionicle gfgfvfvf daniel12 virgo fmale
favorite2 detroit1 pokey shredder baggies wednesda cosmo1 mimosa sparhawk firehawk romario 911turbo funtimes fhntvrf
nexus6 159753456 timothy1 bajingan terry1 frenchie raiden 1mustang babemagnet 74123698 nadejda truffles rapture
douglas1 lamborghini motocross rjcvjc 748596 skeeter1 dante1 angel666 telecom carsten pietro bmw318 astro1 carpediem
samir orang helium scirocco fuzzball rushmore rebelz hotspur lacrimosa chevys10 madonna1 domenico yfnfirf jachin
shelby1 bloke dawgs dunhill atlanta1 service1 mikado devilman angelit reznor euphoria lesbain checkmat browndog phreak
blaze1 crash1 farida mutter luckyme horsemen vgirl jediknig asdas cesare allnight rockey starlite truck1 passfan
close-up samue cazzo wrinkles homely eatme1 sexpot snapshot dima1995 asthma thetruth ducky blender priyanka gaucho
dutchman sizzle kakarot 651550 passcode justinbieber 666333 elodie sanjay 110442 alex01 lotus1 2300mj lakshmi zoomer
quake3 12349876 teapot 12345687 ramada pennywis striper pilot1 chingon optima nudity ethan1 euclid beeline loyola
biguns zaq12345 bravo1 disney1 buffa assmunch vivid 6661313 wellingt aqwzsx madala11 9874123 sigmar pictere tiptop
bettyboop dinero tahiti gregory1 bionic speed1 fubar1 lexus1 denis1 hawthorn saxman suntzu bernhard dominika camaro1
hunter12 balboa bmw2002 seville diablo1 vfhbyjxrf 1234abc carling lockerroom punani darth baron1 vaness 1password
libido picher 232425 karamba futyn007 daydream 11001001 dragon123 friends1 bopper rocky123 chooch asslover shimmer
riddler openme tugboat sexy123 midori gulnara christo swatch laker offroad puddles hackers mannheim manager1 horseman
roman1 dancer1 komputer pictuers nokia5130 ejaculation lioness 123456y evilone nastenka pushok javie lilman 3141592
mjolnir toulouse pussy2 bigworm smoke420 fullback extensa dreamcast belize delboy willie1 casablanca csyjxtr ricky1
bonghit salvator basher pussylover rosie1 963258741 vivitron cobra427 meonly armageddon myfriend zardoz qwedsazxc
kraken fzappa starfox 333999 illmatic capoeira weenie ramzes freedom2 toasty pupkin shinigami fhvfutljy nocturne
churchil thumbnils tailgate neworder sexymama goarmy cerebus michelle1 vbifyz surfsup earthlin dabulls basketbal
aligator mojojojo saibaba welcome2 wifes wdtnjr 12345w slasher papabear terran footman hocke 153759 texans tom123
sfgiants billabong aassdd monolith xxx777 l3tm31n ticktock newone hellno japanees contortionist admin123 scout1
alabama1 divx1 rochard privat radar1 bigdad fhctybq tortuga citrus avanti fantasy1 woodstock s12345 fireman1 embalmer
woodwork bonzai konyor newstart jigga panorama goats smithy rugrats hotmama daedalus nonstop fruitbat lisenok quaker
violator 12345123 my3sons cajun fraggle gayboy oldfart vulva knickerless orgasms undertow binky litle kfcnjxrf
masturbation bunnie alexis1 planner transexual sparty leeloo monies fozzie stinger1 landrove anakonda scoobie yamaha1
henti star12 rfhlbyfk beyonce catfood cjytxrf zealots strat fordtruc archangel silvi sativa boogers miles1 bigjoe
tulip petite greentea shitter jonboy voltron morticia evanescence 3edc4rfv longshot windows1 serge aabbcc starbucks
sinful drywall prelude1 www123 camel1 homebrew marlins 123412 letmeinn domini swampy plokij fordf350 webcam michele1
bolivi 27731828 wingzero qawsedrftg shinji sverige jasper1 piper1 cummer iiyama gocats amour alfarome jumanji mike69
fantasti 1monkey w00t88 shawn1 lorien 1a2s3d4f5g koleso murph natascha sunkist kennwort emine grinder m12345 q1q2q3q4
cheeba money2 qazwsxedc1 diamante prosto pdiddy stinky1 gabby1 luckys franci pornographic moochie gfhjdjp samdog
empire1 comicbookdb emili motdepasse iphone braveheart reeses nebula sanjose bubba2 kickflip arcangel superbow
porsche911 xyzzy nigger1 dagobert devil1 alatam monkey2 barbara1 12345v vfpfafrf alessio babemagn aceman arrakis
kavkaz 987789 jasons berserk sublime1 rogue1 myspace buckwhea csyekz pussy4me vette1 boots1 boingo arnaud budlite
redstorm paramore becky1 imtheman chango marley1 milkyway 666555 giveme mahalo lux2000 lucian paddy praxis shimano
bigpenis creeper newproject2004 rammstei j3qq4h7h2v hfljcnm lambchop anthony2 bugman gfhjkm12 dreamer1 stooges
cybersex diamant cowboyup maximus1 sentra 615243 goethe manhatta fastcar selmer 1213141516 yfnfitymrf denni chewey
yankee1 elektra 123456789p trousers fishface topspin orwell vorona sodapop motherfu ibilltes forall kookie ronald1
balrog maximilian mypasswo sonny1 zzxxcc tkfkdg magoo mdogg heeled gitara lesbos marajade tippy morozova enter123
lesbean pounded asd456 fialka scarab sharpie spanky1 gstring sachin 12345asd princeto hellohel ursitesux billows
1234kekc kombat cashew duracell kseniya sevenof9 kostik arthur1 corvet07 rdfhnbhf songoku tiberian needforspeed 1qwert
dropkick kevin123 panache libra a123456a kjiflm vfhnsirf cntgfy iamcool narut buffer sk8ordie urlaub fireblade blanked
marishka gemini1 altec gorillaz chief1 revival47 ironman1 space1 ramstein doorknob devilmaycry nemesis1 sosiska
pennstat monday1 pioner shevchenko detectiv evildead blessed1 aggie coffees tical scotts bullwink marsel krypto adrock
rjitxrf asmodeus rapunzel theboys hotdogs deepthro maxpayne veronic fyyeirf otter cheste abbey1 thanos bedrock bartok
google1 xxxzzz rodent montecarlo hernande mikayla 123456789l bravehea 12locked ltymub pegasus1 ameteur saltydog faisal
milfnew momsuck everques ytngfhjkz m0nkey businessbabe cooki custard 123456ab lbvjxrf outlaws 753357 qwerty78 udacha
insider chees fuckmehard shotokan katya seahorse vtldtlm turtle1 mike12 beebop heathe everton1 darknes barnie rbcekz
alisher toohot theduke 555222 reddog1 breezy bulldawg monkeyman baylee losangel mastermi apollo1 aurelie zxcvb12345
cayenne bastet wsxzaq geibcnbr yello fucmy69 redwall ladybird bitchs cccccc1 rktjgfnhf ghjdthrf quest1 oedipus linus
impalass fartman 12345k fokker 159753a optiplex bbbbbb1 realtor slipkno santacru rowdy jelena smeller 3984240 ddddd1
sexyme janet1 3698741 eatme69 cazzone today1 poobear ignatius master123 newpass1 heather2 snoopdogg blondinka pass12
honeydew fuckthat 890098890 lovem goldrush gecko biker1 llama pendejo avalanche fremont snowman1 gandolf chowder
1a2b3c4d5e flyguy magadan 1fuck pingvin nokia5230 ab1234 lothar lasers bignuts renee1 royboy skynet 12340987 1122334
dragrace lovely1 22334455 booter 12345612 corvett 123456qq capital1 videoes funtik wyvern flange sammydog hulkster
13245768 not4you vorlon omegared l58jkdjp! filippo 123mudar samadams petrus chris12 charlie123 123456789123 icetea
sunderla adrian1 123qweas kazanova aslan monkey123 fktyeirf goodsex 123ab lbtest banaan bluenose 837519 asd12345
waffenss whateve 1a2a3a4a trailers vfhbirf bhbcrf klaatu turk182 monsoon beachbum sunbeam succes clyde1 viking1
rawhide bubblegum princ mackenzi hershey1 222555 dima55 niggaz manatee aquila anechka pamel bugsbunn lovel sestra
newport1 althor hornyman wakeup zzz111 phishy cerber torrent thething solnishko babel buckeye1 peanu ethernet
uncencored baraka 665544 chris2 rb26dett willy1 choppers texaco biggirl 123456b anna2614 sukebe caralho callofduty
rt6ytere jesus7 angel12 1money timelord allblack pavlova romanov tequiero yitbos lookup bulls23 snowflake dickweed
barks lever irisha firestar fred1234 ghjnjnbg danman gatito betty1 milhouse kbctyjr masterbaiting delsol papit doggys
123698741 bdfyjdf invictus bloods kayla1 yourmama apple2 angelok bigboy1 pontiac1 verygood yeshua twins2 porn4me
141516 rasta69 james2 bosshog candys adventur stripe djkjlz dokken austin316 skins hogwarts vbhevbh navigato desperado
xxx666 cneltyn vasiliy hazmat daytek eightbal fred1 four20 74227422 fabia aerosmith manue wingchun boohoo hombre
sanity72 goatboy fuckm partizan avrora utahjazz submarin pussyeat heinlein control1 costaric smarty chuan triplets
snowy snafu teacher1 vangogh vandal evergree cochise qwerty99 pyramid1 saab900 sniffer qaz741 lebron23 mark123 wolvie
blackbelt yoshi feeder janeway nutella fuking asscock deepak poppie bigshow housewife grils tonto cynthia1 temptress
irakli belle1 russell1 manders frank123 seabass gforce songbird zippy1 naught brenda1 chewy1 hotshit topaz 43046721
girfriend marinka jakester thatsme planeta falstaff patrizia reborn riptide cherry1 shuan nogard chino oasis1 qwaszx12
goodlife davis1 1911a1 harrys shitfuck 12345678900 russian7 007700 bulls1 porshe danil dolphi river1 sabaka gobigred
deborah1 volkswagen miamo alkaline muffdive 1letmein fkbyrf goodguy hallo1 nirvan ozzie cannonda cvbhyjdf marmite
germany1 joeblow radio1 love11 raindrop 159852 jacko newday fathead elvis123 caspe citibank sports1 deuce boxter
fakepass golfman snowdog birthday4 nonmembe niklas parsifal krasota theshit 1235813 maganda nikita1 omicron cassie1
columbo buick sigma1 thistle bassin rickster apteka sienna skulls miamor coolgirl gravis 1qazxc virgini hunter2 akasha
batma motorcyc bambino tenerife fordf250 zhuan iloveporn markiza hotbabes becool fynjybyf wapapapa forme mamont pizda
dragonz sharon1 scrooge mrbill pfloyd leeroy natedog ishmael 777111 tecumseh carajo nfy.irf 0000000000o blackcock
fedorov antigone feanor novikova bobert peregrin spartan117 pumkin rayman manuals tooltime 555333 bonethug marina1
bonnie1 tonyhawk laracroft mahalkita 18273645 terriers gamer hoser littlema molotok glennwei lemon1 caboose tater
12345654321 brians fritz1 mistral jigsaw fuckshit hornyguy southside edthom antonio1 bobmarle pitures ilikesex crafty
nexus boarder fulcrum astonvil yanks1 yngwie account1 zooropa hotlegs sammi gumbo rover1 perkele maurolarastefy
lampard 357753 barracud dmband abcxyz pathfinder 335577 yuliya micky jayman asdfg12345 1596321 halcyon rerfhtre feniks
zaxscd gotyoass jaycee samson1 jamesb vibrate grandpri camino colossus davidb mamo4ka nicky1 homer123 pinguin
watermelon shadow01 lasttime glider 823762 helen1 pyramids tulane osama rostov john12 scoote bhbyrf gohan galeries
joyful bigpussy tonka mowgli astalavista zzz123 leafs dalejr8 unicorn1 777000 primal bigmama okmijn killzone qaz12345
snookie zxcvvcxz davidc epson rockman ceaser beanbag katten 3151020 duckhunt segreto matros ragnar 699669 sexsexse
123123z fuckyeah bigbutts gbcmrf element1 marketin saratov elbereth blaster1 yamahar6 grime masha juneau 1230123 pappy
lindsay1 mooner seattle1 katzen lucent polly1 lagwagon pixie misiaczek 666666a smokedog lakers24 eyeball ironhors
ametuer volkodav vepsrf kimmy gumby1 poi098 ovation 1q2w3 drinker penetrating summertime 1dallas prima modles takamine
hardwork macintosh tahoe passthie chiks sundown flowers1 boromir music123 phaedrus albert1 joung malakas gulliver
parker1 balder sonne jessie1 domainlock2005 express1 vfkbyf youandme raketa koala dhjnvytyjub nhfrnjh testibil ybrbnjc
987654321q axeman pintail pokemon123 dogggg shandy thesaint 11122233 x72jhhu3z theclash raptors zappa1 djdjxrf hell666
friday1 vivaldi pluto1 lance1 guesswho jeadmi corgan skillz skippy1 mango1 gymnastic satori 362514 theedge cxfcnkbdfz
sparkey deicide bagels lololol lemmings r4e3w2q1 silve staind schnuffi dazzle basebal1 leroy1 bilbo1 luckie qwerty2
goodfell hermione peaceout davidoff yesterda killah flippy chrisb zelda1 headless muttley fuckof tittys catdaddy
photog beeker reaver ram1500 yorktown bolero tryagain arman chicco learjet alexei jenna1 go2hell 12s3t4p55
momsanaladventure mustang9 protoss rooter ginola dingo1 mojave erica1 1qazse4 marvin1 redwolf sunbird dangerou maciek
girsl hawks1 packard1 excellen dashka soleda toonces acetate nacked jbond007 alligator debbie1 wellhung monkeyma
supers rigger larsson vaseline rjnzhf maripos 123456asd cbr600rr doggydog cronic jason123 trekker flipmode druid
sonyvaio dodges mayfair mystuff fun4me samanta sofiya magics 1ranger arcane sixtynin 222444 omerta luscious gbyudby
bobcats envision chance1 seaweed holdem tomate mensch slicer acura1 goochi qweewq punter repoman tomboy never1 cortina
gomets 147896321 369852147 dogma bhjxrf loglatin eragon strato gazelle growler 885522 klaudia payton34 fuckem butchie
scorpi lugano 123456789k nichola chipper1 spide uhbujhbq rsalinas vfylfhby longhorns bugatti everquest !qaz2wsx
blackass 999111 snakeman p455w0rd fanatic family1 pfqxbr 777vlad mysecret marat phoenix2 october1 genghis panties1
cooker citron ace123 1234569 gramps blackcoc kodiak1 hickory ivanhoe blackboy escher sincity beaks meandyou spaniel
canon1 timmy1 lancaste polaroid edinburg fuckedup hotman cueball golfclub gopack bookcase worldcup dkflbvbhjdbx
twostep 17171717aa letsplay zolushka stella1 pfkegf kingtut 67camaro barracuda wiggles gjhjkm prancer patata kjifhf
theman1 romanova sexyass copper1 dobber sokolov pomidor algernon cadman amoremio william2 silly1 bobbys hercule
hd764nw5d7e1vb1 defcon deutschland robinhood alfalfa machoman lesbens pandora1 easypay tomservo nadezhda goonies
saab9000 jordyn f15eagle dbrecz 12qwerty greatsex thrawn blunted baywatch doggystyle loloxx chevy2 january1 kodak
bushel 78963214 ub6ib9 zz8807zpl briefs hawker 224488 first1 bonzo brent1 erasure 69213124 sidewind soccer13 622521
mentos kolibri onepiece united1 ponyboy keksa12 wayer mypussy andrej mischa mille bruno123 garter bigpun talgat
familia jazzy1 mustang8 newjob 747400 bobber blackbel hatteras ginge asdfjkl; camelot1 blue44 rebbyt34 ebony1 vegas123
myboys aleksander ijrjkflrf lopata pilsner lotus123 m0nk3y andreev freiheit balls1 drjynfrnt mazda1 waterpolo shibumi
852963 123bbb cezer121 blondie1 volkova rattler kleenex ben123 sanane happydog satellit qazplm qazwsxedcrfvtgb meowmix
badguy facefuck spice1 blondy major1 25000 anna123 654321a sober1 deathrow patterso china1 naruto1 hawkeye1 waldo1
butchy crayon 5tgb6yhn klopik crocodil mothra imhorny pookie1 splatter slippy lizard1 router buratino yahweh 123698
dragon11 123qwe456 peepers trucker1 ganjaman 1hxboqg2 cheyanne storys sebastie zztop maddison 4rfv3edc darthvader
jeffro iloveit victor1 hotty delphin lifeisgood gooseman shifty insertions dude123 abrupt 123masha boogaloo chronos
stamford pimpster kthjxrf getmein amidala flubber fettish grapeape dantes oralsex jack1 foxcg33 winchest francis1
getin archon cliffy blueman 1basebal sport1 emmitt22 porn123 bignasty morga 123hfjdk147 ferrar juanito fabiol caseydog
steveo peternorth paroll kimchi bootleg gaijin secre acacia eatme2 amarillo monkey11 rfhfgep tylers a1a2a3a4a5
sweetass blower rodina babushka camilo cimbom tiffan vfnbkmlf ohbaby gotigers lindsey1 dragon13 romulus qazxsw12
zxcvbn1 dropdead hitman47 snuggle eleven11 bloopers 357mag avangard bmw320 ginscoot dshade masterkey voodoo1 rootedit
caramba leahcim hannover 8phrowz622 tim123 cassius 000000a angelito zzzzz1 badkarma star1 malaga glenwood footlove
golf1 summer12 helpme1 fastcars titan1 police1 polinka k.jdm marusya augusto shiraz pantyhose donald1 blaise arabella
brigada c3por2d2 peter01 marco1 hellow dillweed uzumymw geraldin loveyou2 toyota1 088011 gophers indy500 slainte
5hsu75kpot teejay renat racoon sabrin angie1 shiznit harpua sexyred latex tucker1 alexandru wahoo teamwork deepblue
goodison rundmc r2d2c3p0 puppys samba ayrton boobed 999777 topsecre blowme1 123321z loudog random1 pantie drevil
mandolin 121212q hottub brother1 failsafe spade1 matvey open1234 carmen1 priscill schatzi kajak gooddog trojans1
gordon1 kayak calamity argent ufhvjybz seviyi penfold assface dildos hawkwind crowbar yanks ruffles rastus luv2epus
open123 aquafina dawns jared1 teufel 12345c vwgolf pepsi123 amores passwerd 01478520 boliva smutty headshot password3
davidd zydfhm gbgbcmrf pornpass insertion ceckbr test2 car123 checkit dbnfkbq niggas nyyankee muskrat nbuhtyjr gunner1
ocean1 fabienne chrissy1 wendys loveme89 batgirl cerveza igorek steel1 ragman boris123 novifarm sexy12 qwerty777
mike01 giveitup 123456abc fuckall crevice hackerz gspot eight8 assassins texass swallows 123458 baldur moonshine
labatt modem sydney1 voland dbnfkz hotchick jacker princessa dawgs1 holiday1 booper reliant miranda1 jamaica1 andre1
badnaamhere barnaby tiger7 david12 margaux corsica 085tzzqi universi thewall nevermor martin6 qwerty77 cipher apples1
0102030405 seraphim black123 imzadi gandon ducati99 1shadow dkflbvbhjdyf 44magnum bigbad feedme samantha1 ultraman
redneck1 jackdog usmc0311 fresh1 monique1 tigre alphaman cool1 greyhoun indycar crunchy 55chevy carefree willow1
063dyjuy xrated assclown federica hilfiger trivia bronco1 mamita 100200300 simcity lexingky akatsuki retsam johndeere
abudfv raster elgato businka satanas mattingl redwing1 shamil patate mannn moonstar evil666 b123456 bowl300 tanechka
34523452 carthage babygir santino bondarenko jesuss chico1 numlock shyguy sound1 kirby1 needit mostwanted 427900
funky1 steve123 passions anduril kermit1 prospero lusty barakuda dream1 broodwar porky christy1 mahal yyyyyy1 allan1
1sexy flintsto capri cumeater heretic robert2 hippos blindax marykay collecti kasumi 1qaz!qaz 112233q 123258 chemistr
coolboy 0o9i8u kabuki righton tigress nessie sergej andrew12 yfafyz ytrhjvfyn angel7 victo mobbdeep lemming transfor
1725782 myhouse aeynbr muskie leno4ka westham1 cvbhyjd daffodil pussylicker pamela1 stuffer warehous tinker1 2w3e4r
pluton louise1 polarbea 253634 prime1 anatoliy januar wysiwyg cobraya ralphy whaler xterra cableguy 112233a porn69
jamesd aqualung jimmy123 lumpy luckyman kingsize golfing1 alpha7 leeds1 marigold lol1234 teabag alex11 10sne1 saopaulo
shanny roland1 basser 3216732167 carol1 year2005 morozov saturn1 joseluis bushed redrock memnoch lalaland indiana1
lovegod gulnaz buffalos loveyou1 anteater pattaya jaydee redshift bartek summerti coffee1 ricochet incest schastie
rakkaus h2opolo suikoden perro dance1 loveme1 whoopass vladvlad boober flyers1 alessia gfcgjhn pipers papaya gunsling
coolone blackie1 gonads gfhjkzytn foxhound qwert12 gangrel ghjvtntq bluedevi mywife summer01 hangman licorice patter
vfr750 thorsten 515253 ninguna dakine strange1 mexic vergeten 12345432 8phrowz624 stampede floyd1 sailfish raziel
ananda giacomo freeme crfprf 74185296 allstars master01 solrac gfnhbjn bayliner bmw525 3465xxx catter single1 michael3
pentium4 nitrox mapet123456 halibut killroy xxxxx1 phillip1 poopsie arsenalfc buffys kosova all4me 32165498 arslan
opensesame brutis charles2 pochta nadegda backspac mustang0 invis gogeta 654321q adam25 niceday truckin gfdkbr biceps
sceptre bigdave lauras user345 sandys shabba ratdog cristiano natha march13 gumball getsdown wasdwasd redhead1 dddddd1
longlegs 13572468 starsky ducksoup bunnys omsairam whoami fred123 danmark flapper swanky lakings yfhenj asterios
rainier searcher dapper ltdjxrf horsey seahawk shroom tkfkdgo aquaman tashkent number9 messi10 1asshole milenium
illumina vegita jodeci buster01 bareback goldfinger fire1 33rjhjds sabian thinkpad smooth1 sully bonghits sushi1
magnavox colombi voiture limpone oldone aruba rooster1 zhenya nomar5 touchdow limpbizkit rhfcfdxbr baphomet afrodita
bball1 madiso ladles lovefeet matthew2 theworld thunderbird dolly1 123rrr forklift alfons berkut speedy1 saphire
oilman creatine pussylov bastard1 456258 wicked1 filimon skyline1 fucing yfnfkbz hot123 abdulla nippon nolimits
billiard booty1 buttplug westlife coolbean aloha1 lopas asasin 1212121 october2 whodat good4u d12345 kostas ilya1992
regal pioneer1 volodya focus1 bastos nbvjif fenix anita1 vadimka nickle jesusc 123321456 teste christ1 essendon
evgenii celticfc adam1 forumwp lovesme 26exkp chillout burly thelast1 marcus1 metalgear test11 ronaldo7 socrate world1
franki mommie vicecity postov1000 charlie3 oldschool 333221 legoland antoshka counterstrike buggy mustang3 123454
qwertzui toons chesty bigtoe tigger12 limpopo rerehepf diddle nokia3250 solidsnake conan1 rockroll 963369 titanic1
qwezxc cloggy prashant katharin maxfli takashi cumonme michael9 mymother pennstate khalid 48151623 fightclub showboat
mateusz elrond teenie arrow1 mammamia dustydog dominator erasmus zxcvb1 1a2a3a bones1 dennis1 galaxie pleaseme
whatever1 junkyard galadriel charlies 2wsxzaq1 crimson1 behemoth teres master11 fairway shady1 pass99 1batman joshua12
baraban apelsin mousepad melon twodogs 123321qwe metalica ryjgrf pipiska rerfhfxf lugnut cretin iloveu2 powerade
aaaaaaa1 omanko kovalenko isabe chobits 151nxjmt shadow11 zcxfcnkbdf gy3yt2rgls vfhbyrf 159753123 bladerunner goodone
wonton doodie 333666999 fuckyou123 kitty123 chisox orlando1 skateboa red12345 destroye snoogans satan1 juancarlo
goheels jetson scottt fuckup aleksa gfhfljrc passfind oscar123 derrick1 hateme viper123 pieman audi100 tuffy andover
shooter1 10000 makarov grant1 nighthaw 13576479 browneye batigol nfvfhf chocolate1 7hrdnw23 petter bantam morlii
jediknight brenden argonaut goodstuf wisconsi 315920 abigail1 dirtbag splurge k123456 lucky777 valdepen gsxr600 322223
ghjnjrjk zaq1xsw2cde3 schwanz walter1 letmein22 nomads 124356 codeblue nokian70 fucke footbal1 agyvorc aztecs passw0r
smuggles femmes ballgag krasnodar tamuna schule sixtynine empires erfolg dvader ladygaga elite1 venezuel nitrous
kochamcie olivia1 trustn01 arioch sting1 131415 tristar 555000 maroon 135799 marsik 555556 fomoco natalka cwoui tartan
davecole nosferat hotsauce dmitry horus dimasik skazka boss302 bluebear vesper ultras tarantul asd123asd azteca
theflash 8ball 1footbal titlover lucas123 number6 sampson1 789852 party1 dragon99 adonai carwash metropol psychnau
vthctltc hounds firework blink18 145632 wildcat1 satchel rice80 ghtktcnm sailor1 cubano anderso rocks1 mike11 famili
dfghjc besiktas roygbiv nikko bethan minotaur rakesh orange12 hfleuf jackel myangel favorite7 1478520 asssss agnieszka
haley1 raisin htubyf 1buster cfiekz derevo 1a2a3a4a5a baltika raffles scruffy1 clitlick louis1 buddha1 fy.nrf walker1
makoto shadow2 redbeard vfvfvskfhfve mycock sandydog lineman network1 favorite8 longdick mustangg mavericks indica
1killer cisco1 angelofwar blue69 brianna1 bubbaa slayer666 level42 baldrick brutus1 lowdown haribo lovesexy 500000
thissuck picker stephy 1fuckme characte telecast 1bigdog repytwjdf thematrix hammerhe chucha ganesha gunsmoke georgi
sheltie 1harley knulla sallas westie dragon7 conker crappie margosha lisboa 3e2w1q shrike grifter ghjcnjghjcnj asdfg1
mnbvcxz1 myszka posture boggie rocketman flhtyfkby twiztid vostok pi314159 force1 televizor gtkmvtym samhain imcool
jadzia dreamers strannik k2trix steelhea nikitin commodor brian123 chocobo whopper ibilljpf megafon ararat thomas12
ghbrjkbcn q1234567890 hibernia kings1 jim123 redfive 68camaro iawgk2 xavier1 1234567u d123456 ndirish airborn halfmoon
fluffy1 ranchero sneaker soccer2 passion1 cowman birthday1 johnn razzle glock17 wsxqaz nubian lucky2 jelly1 henderso
eric1 123123e boscoe01 fuck0ff simpson1 sassie rjyjgkz nascar3 watashi loredana janus wilso conman david2 mothe
iloveher snikers davidj fkmnthyfnbdf mettss ratfink 123456h lostsoul sweet16 brabus wobble petra1 fuckfest otters
sable1 svetka spartacu bigstick milashka 1lover pasport champagn papichul hrvatska hondacivic kevins tacit moneybag
gohogs rasta1 246813579 ytyfdbcnm gubber darkmoon vitaliy 233223 playboys tristan1 joyce1 oriflame mugwump access2
autocad thematri qweqwe123 lolwut ibill01 multisyn 1233211 pelikan rob123 chacal 1234432 griffon pooch dagestan geisha
satriani anjali rocketma gixxer pendrago vincen hellokit killyou ruger doodah bumblebe badlands galactic emachines
foghorn jackso jerem avgust frontera 123369 daisymae hornyboy welcome123 tigger01 diabl angel13 interex iwantsex
rockydog kukolka sawdust online1 3234412 bigpapa jewboy 3263827 dave123 riches 333222 tony1 toggle farter 124816
tities balle brasilia southsid micke ghbdtn12 patit ctdfcnjgjkm olds442 zzzzzz1 nelso gremlins gypsy1 carter1 slut69
farcry 7415963 michael8 birdie1 charl 123456789abc 100001 aztec sinjin bigpimpi closeup atlas1 nvidia doggone classic1
manana malcolm1 rfkbyf hotbabe rajesh dimebag ganjubas rodion jagr68 seren syrinx funnyman karapuz 123456789n bloomin
admin18533362 biggdogg ocarina poopy1 hellome internet1 booties blowjobs matt1 donkey1 swede 1jennife evgeniya lfhbyf
coach1 444777 green12 patryk pinewood justin12 271828 89600506779 notredame tuborg lemond sk8ter million1 wowser
pablo1 st0n3 jeeves funhouse hiroshi gobucs angeleye bereza winter12 catalin qazedc andros ramazan vampyre sweethea
imperium murat jamest flossy sandeep morgen salamandra bigdogg stroller njdevils nutsack vittorio %%passwo playful
rjyatnrf tookie ubnfhf michi 777444 shadow13 devils1 radiance toshiba1 beluga amormi dandfa trust1 killemall
smallville polgara billyb landscap steves exploite zamboni damage11 dzxtckfd trader12 pokey1 kobe08 damager egorov
dragon88 ckfdbr lisa69 blade2 audis4 nelson1 nibbles 23176djivanfros mutabor artofwar matvei metal666 hrfzlz schwinn
poohbea seven77 thinker 123456789qwerty sobriety jakers karamelka vbkfyf volodin iddqd dale03 roberto1 lizaveta
qqqqqq1 qazxswedcvfr ilovemyself galatasaray qwertyasdfgh cyberonline cvzefh1gkc qwertasdfg azsxdcfvgb blingbling
prettygirl sailormoon jesuschrist darkknight 1111111111zz 1q2q3q4q5q oc247ngucz pussyeater psychnaut1 whosyourdaddy
whatthefuck 1223334444 123456789w parolparol astonvilla 123123123q fktrcfylhjdyf fktrcfylhjdbx 89015173454
123456789qaz 1234qwerty cnjvfnjkju mickeymouse password69 trustnoone t34vfrc1991 541233432442 fgjrfkbgcbc 4904s677075
1111122222 12345trewq 0147896325 12345678900987654321 dashadasha bestfriend fartripper password1234 qpwoeiruty
ghbdtnghbdtn painkiller firefighter 010203040506 lost4815162342 birthday21 12345zxcvb webhompass venom121293
neveragain moneymaker 51051051051 cxfcnmttcnm 102030405060 vanyarespekt sexmachine 123456789g 1234567890s testing123
slipknot666 letmeinnow hellraiser dbrnjhjdbx rhbcnbyjxrf combat123654 vyjujnjxbt quicksilver depechemode qweasdzxc1
123456789x qwerty123456789 zaratustra devilmaycry4 matematika devildriver efbcapa201 iseedeadpeople 89231243658s
helloworld 123456789qqq jamesbond007 rkfdbfnehf iddqdidkfa ledzeppelin passmaster 123123123a a987654321 4815162342lost
999111999q whitepower superduper 123123qweqwe rfnfcnhjaf 123456789t 123456789b qq123456789 qwertyytrewq 1112131415
3141592654 1234567890qw 1pass1page asdfghjkl1 12345678912 1234qwerasdf 123qwe456rty goodfellas 3syqo15hil asdfghjkl123
computador elizabeth1 m6cjy69u35 ghjcnjrdfibyj ybrjkftdbx kamehameha 989244342a zx123456789 hellothere 1357997531
1122112211 qwertyuiop123 saun24865709 deerhunter 123456789f clubpenguin primetime21 q1w2e3r4t5y6u7 birthday54
111222333a stalingrad desperados apokalipsis fenerbahce rfnfgekmnf qwertyuiop1 80070633pc jetbalance 1qa2ws3ed4rf
juggernaut 123456789qw puertorico 123456789zxc password13 amsterdam1 rfkmrekznjh luojianhua samsung123
polniypizdec110211 azwebitalia newpassword z123456789 wishmaster dbrnjhjdyf ptybnxtvgbjy verygoodbot wenef45313
cheburashka unforgiven iaapptfcor fucktheworld 7777755102q gunslinger cyjdsvujljv vfylfhbyrf skorpion39 123456789qq
12345678987654321 deltaforce masterchief ajcuivd289 s456123789 applesauce mevefalkcakk playstation3 firestarter
birthday299 31217221027711 justforfun pornografia necromancer fkg7h4f3v6 lkjhgfdsaz hshfd4n279 19mtpgam19 roflcopter
supermanboy cannondale football12 sevastopol beautiful1 5t4r3e2w1q dragonfire q1w2e3r4t5y6u7i8 naughtyboy cyecvevhbr
123456789aa sanandreas byajhvfnbrf sebastian1 zqjphsyf6ctifgu oldsmobile 4815162342a ghhh47hj764 1234567890qwe
shadow1212 hedimaptfcor qwerty2010 chessmaster gthtcnhjqrf lhbjkjubz2957704 superpuper tamwsn3sja password00
lightsaber kingfisher installutil yanshi1982 newzealand andrewjackie tigerwoods networkingpe 12qw34er56ty qazwsxedc12
password10 1qazxsw23edcvfr4 sidewinder password23 dodgeviper ghjrehfnehf ladyffesta 159753456852 89172735872
olegnaruto 1234567890w 123456782000 hypnodanny ghbdtngjrf mastercard loveislife jesusislord motherfuck rjhjkmbien
fcbarcelona christopher1 abcde12345 ilovegirls angelochek ingodwetrust installdevic digitalprodu reanimator
1234554321q 12345678qwe whatthehell streetball 88002000600 alphaomega lsia9dnb9y froinlaven suckmycock minecraft123
berezuckiy deeppurple cegthgfhjkm 1236547890 winnipeg261 boy4u2ownnyc kbnthfnehf 89211375759 a1234567890 c43qpul5rz
runescape1 123456789i qwert54321 peanutbutter 12345abcde anastasija an83546921an13 123456789as vfhufhbnrf
1234567890zzz jigei743ks r3vi3wpass ghjcnjrdfif 42qwerty42 mangust6403 christian1 987654321z rammstein1 nintendo64
olcrackmaster rfhfrfnbwf ontherocks flintstone lfplhfgthvf cegthgegth abc123456789 1958proman dkflbdjcnjr auckland2010
w2dlww3v5p markhegarty residentevil jackdaniels neworleans ekaterina20 quiksilver butterfly1 mandragora qawsedrftgyh
123321qweewq 0987654321a 1029384756q omgkremidia vladislava 32615948worms ujkjdjkjvrf tombraider 742617000027
coorslight gblfhfcbyf justinbiebe stalker123 minhasenha 26429vadim nemvxyheqdd5oqxyxyzi ajnjuhfabz avrillavigne
gjytltkmybr virtuagirl millertime fuckyoubitch ghjcnbvtyz computadora nissan350z 1qwertyuiop 123456789e iloveyou123
tadmichaels ilovejesus luckycharm gordolee85 massimiliano lamborgini 0147258369 lololyo123 012345678910 lp2568cskt
gjikbdctyf 41d8cd98f00b 5432112345 000777fffa nhfdvfnjkju123 19952009sa timberwolf illuminati studioworks 38gjgeuftd
sasha12345 kobebryant 12345asdfg silenthill shamanking vfhvtkflrf stomatolog gjkysqgbpltw temppassword ticketmaster
123456789. snusmumrik serendipity 123456789c cfkfvfylhf k123456789 fighting54 astonmartin 01telemike01 123456qwer
1133557799 ghjcnjnfr1 p030710p$e4o 0o9i8u7y6t birthday10 grandorgue godisgreat lucifer666 80637852730 7418529630
loveforever stratocaster 123456789zx ilovemusic left4dead2 nikita2000 klapaucius telecaster punksnotdead australia1
1986irachka playstation2 dctvghbdtn sweetpussy multiplelog ufhhbgjnnth murcielago 7elephants simpleplan fynfyfyfhbde
bluedevils chrisbrown nokia6230i gfhfcjkmrf alabama123 password21 scoubidou2 jlbyjxtcndj ghjcnjqgfhjkm nightcrawler
0000000000d livestrong 5544332211 installsqlst 123456789101 0147852369 nccpl25282 a3eilm2s2y mapleleafs yfcnzyfcnz
spam967888 123456789y matematica 7jokx7b9du nastya1995 qazwsx1234 80988218126 fktrcfylh1 4294967296 3f3fpht7op
galatasara liverpoolfc celtic1888 magical123 1472583690 1597532486 respublika cytuehjxrf 1234567890m paintball1
s123456789 polopolo09 fallenangel selfok2013 littlebitch pussybitch kurtcobain studmuffin weihnachte timberland
millerlite frederiksberg 1234567890qaz brucewayne blackmetal 11111aaaaa dfktynbyrf riverplate intelinside 1a2s3d4f5g6h
sundaypunch birthday100 sweetdream qwe1234567 123456qwert ilovemylife scoubidou6 sexpistols prisonbreak fuckyouguys
kd189nlcih jimandanne xpressmusic vfvfgfgf123 premiumcash chicken123 gthtrhtcnjr firstone123 123qweasdzx baseball12
superman123 87e5nclizry walkman555 hardwareid bluedragon iddqdiddqd lotrfotr34 nikita1998 neverwinter sanfrancisco
qwerttrewq gxlmxbewym 89876065093rax rjycnbnewbz blackheart qazwsx12345 zjses9evpa ghjcnjgbpltw svetasveta rfgecnfcerf
1234567qwertyu 0cdh0v99ue c43dae874d wrestling1 1234qwerasdfzxcv lytghjgtnhjdcr schoolgirlie wonderwall 111222333000
ybrjkftdyf intermilan zaqwsxcderfv blackwhite iloveboobies 9638527410 jesussaves cockgobbler alexandra1 awdrgyjilp
ghjrjgtyrj linkinpark supermario seemnemaailm hammertime jxfhjdfirf nhecsyfujkjdt weihnachten qwaszxerdfcv shithappens
basketball1 accountbloc antananarivu cgtwbfkbcn spartak1922 vfrcbvvfrcbv butterbean table54781 littlebear reviewpass
greenlantern p0o9i8u7y6 qwertzuiop something1 q1w2e3r4t5y6u7i8o9p0 monkeybutt passwordstandard corperfmonsy 413276191q
mashamasha christiaan maprchem56458 mandarinka thebeatles saqartvelo formatters fktrcfylhjd eybdthcbntn warhammer40k
lovezp1314 1234567890qwerty donaldduck morganstanley fyfnjkmtdyf rockbottom 1234567890987654321 cjdthitycndj
1qazwsxedc nevergiveup bltynbabrfwbz littlegirl loploprock littlewhore cuntfinger stinkyfinger 4815162342q nokiadermo
zcxfcnkbdfz comicbooks nuaddn9561 matchbox20 qwertyuiop10 phezc419hv ghjcnjabkz spiderman3 tupacshakur hesoyam123
nastya2010 qazxswedc123 tdfyutkbjy hollywood1 wallstreet dogphil3650 iampurehaha2 kravchenko zxcvbn123456 queenas8151
gtnhjpfdjlcr donkeykong ilikepussy 123321456654 drumandbass qwertgfdsa 147258369a hondas2000 throatfuck animal2000
manchester1 natasha123 lzhan16889 heavymetal baseball11 jesuschris felicidade 9z5ve9rrcz 2468013579 vaffanculo
123456789j fuckthemall 789456123a nikolaevna contrasena gfhfvgfvgfv kwiatuszek 0123654789 59382113kevinp luansantana
9988776655 writerspace xiaoyua123 bpgjldsgjldthnf gamemaster kanmax1994 123654789a portishead blackhorse service321
1234567890p rfnthbyf1988 1qa2ws3ed4rf5tg qwertyuiop12345 1234567890o nhfycajhvths nastya1996 hollister1 msorcloledbr
stickdaddy77 vfhbyfvfhbyf fuckmylife pandemonium asdfgh123456 thugstools andrey1992 89032073168 juancarlos password22
littleminge littlefuck qwertyu123 123456789asd mattylad10 gerasimova 10293847qp minicooper boredboi4u peugeot406
9085603566 specialinsta michael123 michaeljackson birthday26 aa123456789 webuivalidat rockhopper 1234567887654321
8096468644q 1234567892000 awo8rx3wa8t ilovemyfamily weihnachtsbau ghjuhfvbcn asshole123 014702580369 afrika2002
qaz123wsx456 falloutboy rhfvfnjhcr rhfcyjzhcr 123456789qwer kamelia2011 hijodeputa 132forever 111222333444555
9085084232 123456789000 systemofadown vladimirovna v123456789 musiclover kudos4ever escaflowne lkjhgfdsazx
122333444455555 cnfnbcnbrf iloveyou12 wcrfxtvgbjy 123456789zz amadeusptfcor zxcvbnm123456789 websolutionssu 1346798520
1234562000 1234554321a steamforums rfcgthcrbq jedimaster mortalkombat kl?benhavn am4h39d8nh superman12 2dumb2live
goodmorning iloveyou11 sataniv1993 california1 fromvermine pineapple1 paraklast1974 1234567890d minnesota_hp
breakdance nondriversig simferopol 123qwerty123 a1s2d3f4g5h6 football123 fufnfrhbcnb 671fsa75yt milfhunter ma123123123
pfhfnecnhf rangerover nhfrnjhbcn 987654321g zxcvbasdfg alexsander z1x2c3v4b5n6m7 ghjgfufylf fyfnjkmtdbx statistika
1212312121 domodedovo 1928374655 wethepeople m123456789 awesome123 birthday28 itsasecret ghjnbdjcnjzybt thecakeisalie
vbhjndjhtw daddysgirl jasmine123 nightshade alternativa cghfdjxybr dctvcjcfnm fktrcfylhjdf need4speed ublhjgjybrf
blackdragon orochimaru qwertyuiop12 frozenfish ghjuhfvvbcn ontheoutside 12345672000 onetwothree bujhmbujhm maxmotives
kalifornia zcfvfzkexifz sonnenschein wazzkaprivet gjdtkbntkm arsenal123 xxxp455w0rd5 qwertasdfgzxcvb birthday27
weihnachtsbaum fktrcfylth 99strenght jessejames wonderwoman`
